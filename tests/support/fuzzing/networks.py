"""Random networks for the compiler alone: those of `resdsl fuzz`, and beside what fits much that
does not. Nothing is asked of their numbers, so arguments may be whatever an operation takes.
"""

from __future__ import annotations

from random import Random

from resdsl.fuzzing.arguments import Tensor, arguments, written
from resdsl.fuzzing.author import Author
from resdsl.fuzzing.menu import Edges
from resdsl.fuzzing.nested import Way
from resdsl.fuzzing.places import Place
from resdsl.ops import OPS
from resdsl.types import TensorType
from tests.support.fuzzing import recipes, words

#: What operations are handed where no tensor is in reach.
SOME = [Tensor("in", TensorType((3, 8, 8)))]


class Daring(Author):
    """Writes what does not fit now and then, and definitions that nothing needs."""

    def __init__(self, pick: Random) -> None:
        super().__init__(pick, Edges(pick) if pick.random() < 0.5 else None)

    def plain_ways(self) -> list[Way]:
        return [*super().plain_ways(), self.blind]

    def blind(self, place: Place, depth: int) -> list[str]:
        """An operation on whatever comes along."""
        name = self.pick.choice([name for name in OPS if not OPS[name].is_join])
        tensors = place.tensors or SOME
        positional, keywords = arguments(name, self.menu, place.type, tensors)
        parts = [written(value) for value in positional]
        parts += [f"{key} = {written(value)}" for key, value in keywords.items()]
        return [f"{name}({', '.join(parts)})" if parts else name]

    def file(self) -> str:
        """A whole file: mostly one model, with what it needs and some more."""
        for _ in range(self.pick.choice([1, 1, 1, 2])):
            name = self.model()
            if self.maybe(0.2):
                self.definitions.append(f"model {self.fresh('other')} = {name}(base = 3)\n")
            facts = [f"{name}.params >= 0", f"len({name}.output) > 0", f"{name}.weights != 3"]
            facts += [f"{name}.macs > 0 and {name}.params < 10 ** 6"]
            if self.maybe(0.3):
                self.definitions.append(f'expect {self.pick.choice(facts)}, "known"\n')
        extra = [
            "def wider(v) = v + 2\n",
            "let table = [[1, 2], [3, 4]]\n",
            f"defaults {self.pick.choice(words.TRADITIONS)}\n",
            "defaults { conv(bias = false); batch_norm(momentum = 0.2) }\n",
            f"import std.{self.pick.choice(words.LIBRARY)}\n",
            recipes.recipe(self.pick, self.fresh("recipe")),
            recipes.recipe(self.pick, self.fresh("recipe")),
            "import std.resnet\n\nmodel small = resnet(basic, [1, 1, 1, 1], [2, 2, 3, 4])\n",
        ]
        for text in extra:
            if self.maybe(0.12):
                self.definitions.append(text)
        self.pick.shuffle(self.definitions)
        return "# Written at random.\n\n" + "\n".join(self.definitions)


def program(pick: Random) -> str:
    """A file that means something, more often than not."""
    return Daring(pick).file()
