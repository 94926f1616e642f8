"""Random networks that mean something: every construct of the language and every operation.

The author knows the type of the current tensor and of every label, and writes what fits. What it
cannot know (names that meet, strides of a branch, defaults) the compiler knows: with `probe`, each
statement of a model is kept only if the network is one with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from random import Random
from typing import TypeAlias

from resdsl.fuzzing.blocks import Blocks
from resdsl.fuzzing.guests import Guests
from resdsl.fuzzing.menu import Menu
from resdsl.fuzzing.places import Place
from resdsl.fuzzing.simple import TRADITIONS
from resdsl.ops import OPS
from resdsl.sizes import Dim, dimension
from resdsl.types import TensorType

AXES = ((), ("length",), ("h", "w"), ("d", "h", "w"))
HEAD = "base = 3, n = 2, ws = [2, 4], flag = true, classes = 3"
#: The type that a text's model leaves behind its last statement, or `None` if it is no network.
Probe: TypeAlias = Callable[[str], TensorType | None]
#: Statements of a model.
MOST = 7


class Author(Blocks):
    """Writes one file."""

    def __init__(
        self,
        pick: Random,
        menu: Menu | None = None,
        operations: Collection[str] = tuple(OPS),
        guests: Guests | None = None,
        probe: Probe | None = None,
    ) -> None:
        super().__init__(pick, menu or Menu(pick), operations, guests)
        self.probe = probe
        #: Definitions beside blocks and models: imports, defaults, constants.
        self.preamble: list[str] = [] if guests is None else guests.imports()

    def input(self) -> tuple[str, TensorType]:
        """An `input` statement of any rank, some of its sizes known at run time."""
        rank = self.pick.choice([2, 2, 2, 2, 1, 3, 0])
        channels = self.pick.choice([1, 2, 3, 4, 6])
        if not rank:
            channels = self.pick.choice([3, 4, 6, 8])
        texts = [str(channels)]
        sizes: list[Dim] = [channels]
        some = self.maybe(0.2)
        for axis in AXES[rank]:
            if some and self.maybe(0.8):
                multiple = self.pick.choice([1, 2, 4, 8, 12])
                texts.append("any" if multiple == 1 else f"any({multiple})")
                sizes.append(dimension(axis, multiple))
            else:
                most = [4, 5, 7, 8, 9, 12] if rank < 3 else [3, 4, 5, 6]
                texts.append(str(self.pick.choice(most)))
                sizes.append(int(texts[-1]))
        return f"input({', '.join(texts)})", TensorType(tuple(sizes))

    def model(self) -> str:
        """Write a model; returns its name."""
        name = self.fresh("net")
        text, type_ = self.input()
        place = Place(type_, type_, numbers={"base": 3, "n": 2, "ws[0]": 2, "ws[-1]": 4})
        inputs = [text]
        if self.maybe(0.15):
            other, kind = self.input() if self.maybe(0.3) else (text, type_)
            inputs = [f"left: {text}", f"right: {other}", "from left"]
            place.taps |= {"left": type_, "right": kind}
            place.input = None
        place.numbers["len(ws)"] = 2
        place.truths["flag"] = True
        lines = list(inputs)
        for _ in range(self.pick.randint(3, MOST)):
            place = self._extended(name, lines, place)
        for end in self._ends(place):
            if self._is_network(name, [*lines, *end]) is not None:
                lines += end
                break
        self.definitions.append(self._model_text(name, lines))
        return name

    def _extended(self, name: str, lines: list[str], place: Place) -> Place:
        """The place behind one more statement, if it makes a network of what there is."""
        before, written = place.inside(), len(self.definitions)
        more = self.statement(place, 3)
        if not more:
            return before
        if self.probe is not None:
            found = self._is_network(name, [*lines, *more])
            if found is None:
                del self.definitions[written:]
                return before
            place.type = found
        lines += more
        return place

    def _is_network(self, name: str, lines: list[str]) -> TensorType | None:
        if self.probe is None:
            return TensorType((1,))
        text = "\n".join([*self.preamble, *self.definitions, self._model_text(name, lines)])
        return self.probe(text)

    def _model_text(self, name: str, lines: list[str]) -> str:
        return f"model {name}({HEAD}) {{\n    " + "\n    ".join(lines) + "\n}\n"

    def _ends(self, place: Place) -> list[list[str]]:
        """How the model may end, the wish first."""
        wish = self.pick.choice(["class", "flat", "several", "several", "plain", "plain"])
        ends: dict[str, list[str]] = {
            "class": ["global_avg_pool"] * bool(place.type.rank) + ["linear(classes)"],
            "flat": ["flatten", "linear(3)"],
            "plain": [],
        }
        named = [name for name in place.taps if name.isidentifier()]
        if named:
            some = self.pick.sample(named, min(len(named), self.pick.randint(1, 3)))
            last = self.fresh("last")
            ends["several"] = [f"{last}: identity", f"output({', '.join([*some, last])})"]
        return [ends.get(wish, []), []]

    def file(self) -> str:
        """A whole file with one model, and what it needs."""
        if self.maybe(0.1):
            self.preamble.append(f"defaults {self.pick.choice(TRADITIONS)}\n")
        if self.maybe(0.1):
            self.preamble.append("defaults { conv(bias = false); batch_norm(momentum = 0.2) }\n")
        self.model()
        return "\n".join([*self.preamble, *self.definitions])
