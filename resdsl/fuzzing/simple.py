"""Statements without bodies, by the author of random networks: operations with all their arguments,
names and values, tensors taken up again, lists, attention."""

from __future__ import annotations

from collections.abc import Collection
from math import prod
from random import Random

from resdsl.fuzzing.arguments import Use, attempt, fits, outcome
from resdsl.fuzzing.menu import Menu
from resdsl.fuzzing.places import Place, Writer
from resdsl.ops import INITIALIZERS, OPS, attributes_of, tensors_of
from resdsl.types import TensorType

TRADITIONS = ("torchvision", "keras", "flax", "caffe")
#: Operations that come up more often than others: what networks are made of.
FREQUENT = ("conv", "conv", "conv", "batch_norm", "batch_norm", "linear", "relu", "max_pool")
#: Tries for the arguments of one operation.
TRIES = 10
STEMS = ("a", "x", "mid", "feat", "low")


class Simple(Writer):
    """Writes one statement, or a few that belong together, for a place whose type it knows."""

    def __init__(self, pick: Random, menu: Menu, operations: Collection[str]) -> None:
        super().__init__(pick)
        self.menu = menu
        own = [name for name in OPS if not OPS[name].is_join and name in operations]
        #: Operations that stand alone, by how often each comes up.
        self.common = own + [name for name in FREQUENT if name in own]
        self.joins = [name for name in ("add", "sub", "mul", "concat") if name in operations]

    def operation(self, place: Place, depth: int) -> list[str]:
        """Some operation that fits, with arguments at random."""
        for _ in range(TRIES):
            name = self.pick.choice(self.common)
            if tensors_of(OPS[name]) and name == "attend":
                lines = self.attention(place, depth)
                if lines:
                    return lines
            elif OPS[name].is_list:
                return self.split(place, depth)
            use = fits(name, self.menu, place.type, place.tensors, TRIES)
            if use is not None:
                return [self.placed(use, place)]
        return []

    def placed(self, use: Use, place: Place) -> str:
        """A call as a statement, with a label or without."""
        text = self.call(use, place)
        if self.maybe(0.45):
            return self.named(self.pick.choice(STEMS), text, place, use.result)
        place.type = use.result
        return text

    def attention(self, place: Place, depth: int) -> list[str]:
        """Positions that look at one another: three layers on the current tensor, or tensors that
        fit one another."""
        x = place.type
        if not x.rank or place.loops or not x.is_known:
            return []
        tensors = place.tensors
        if self.maybe(0.3) and tensors:
            use = fits("attend", self.menu, x, tensors, 3 * TRIES)
            if use is not None:
                return [self.placed(use, place)]
        channels = self.pick.choice([2, 4, 6, 8])
        source, lines = self.fresh("seen"), []
        lines.append(f"{source}: identity")
        place.taps[source] = x
        names = [self.fresh(stem) for stem in ("query", "key", "value")]
        for name in names:
            lines += [f"from {source}"] if name != names[0] else []
            lines.append(f"{name}: linear({self.number(channels, place)})")
            place.taps[name] = TensorType((channels, *x.spatial))
        place.type = place.taps[names[2]]
        attributes = attributes_of(OPS["attend"])
        kind = attributes["heads"].metadata["kind"]
        keywords = {}
        if self.maybe(0.7):
            keywords["heads"] = self.menu.value("attend", "heads", kind, place.type)
        if x.rank == 2 and self.maybe(0.6):
            keywords["relative"] = True
        given = "".join(f", {key} = {self.value(v, place)}" for key, v in keywords.items())
        text = f"attend({', '.join(names)}{given})"
        lines.append(self.named("attended", text, place, place.type))
        place.items.pop(lines[-1].partition(":")[0], None)
        return lines

    def tokens(self, place: Place, depth: int) -> list[str]:
        """The positions as a sequence with learned ones before it, of which one is read."""
        if not place.type.rank or not place.type.is_known or not {"token", "pick"} & {*self.common}:
            return self.operation(place, depth)
        lines = []
        if place.type.rank > 1:
            lines.append(f"reshape({self.number(place.type.channels, place)}, -1)")
            place.type = TensorType((place.type.channels, prod(place.type.numbers[1:])))
        for name in ("token", "pick"):
            if name not in self.common or (name == "pick" and self.maybe(0.3)):
                continue
            use = fits(name, self.menu, place.type, [], TRIES)
            if use is not None:
                lines.append(self.placed(use, place))
        return lines

    def let(self, place: Place, depth: int) -> list[str]:
        name, value = self.fresh("k"), self.pick.randint(0, 8)
        line = f"let {name} = {self.number(value, place)}"
        place.numbers[name] = value
        return [line]

    def defaults(self, place: Place, depth: int) -> list[str]:
        if self.maybe(0.3):
            return [f"defaults {self.pick.choice(TRADITIONS)}"]
        given = f"init = {self.menu.initializer(sorted(INITIALIZERS)).text}"
        if self.maybe(0.5):
            given = f"bias = {self.truth(self.maybe(0.5), place)}"
        return ["defaults { conv(" + given + "); batch_norm(eps = 1e-3) }"]

    def expect(self, place: Place, depth: int) -> list[str]:
        return [f'expect {self.truth(True, place)}, "it holds"']

    def tap(self, place: Place, depth: int) -> list[str]:
        """The current tensor gets a name, or another one is taken up."""
        if not place.tensors or self.maybe(0.5):
            return [self.named("tap", "identity", place, place.type)]
        tensor = self.pick.choice(place.tensors)
        place.type = tensor.type
        return [f"from {tensor.text}"]

    def again(self, place: Place, depth: int) -> list[str]:
        """The weights of an item that ran before, once more."""
        known = [(name, item) for name, item in place.items.items() if item.input == place.type]
        if not known:
            return self.operation(place, depth)
        name, item = self.pick.choice(known)
        if self.maybe(0.5):
            return [self.named("once", f"again({name})", place, item.output)]
        place.type = item.output
        return [f"again({name})"]

    def split(self, place: Place, depth: int) -> list[str]:
        """The channels in parts, and what becomes of them."""
        if place.loops:
            return []
        use = attempt("split", self.menu, place.type, [])
        channels, name = place.type.channels, self.fresh("parts")
        counts = [n for n in range(1, 5) if channels % n == 0]
        parts: int | tuple[int, ...] = self.pick.choice(counts)
        if channels > 2 and self.maybe(0.4):
            first = self.pick.randint(1, channels - 1)
            parts = (first, channels - first)
        if use is not None and self.maybe(0.2):
            parts = use.positional[0] if use.positional else use.keywords["parts"]
        sizes = parts if isinstance(parts, tuple) else (channels // parts,) * parts
        place.lists[name] = [TensorType((size, *place.type.spatial)) for size in sizes]
        head = f"{name}: split({self.value(parts, place)})"
        return [head, *self._gathered(name, place)]

    def _gathered(self, name: str, place: Place) -> list[str]:
        """What is made of a list: one of it, all of it, or a loop over it."""
        types = place.lists[name]
        ways = ["one", "whole"] + ["loop"] * (len(types) > 1)
        way = self.pick.choice(ways)
        if way == "one":
            at = self.pick.randrange(len(types))
            place.type = types[at]
            return [f"from {name}[{self.pick.choice([at, at - len(types)])}]"]
        joins = [j for j in self.joins if j == "concat" or (len(set(types)) == 1 and j != "sub")]
        if not joins:
            place.type = types[0]
            return [f"from {name}[0]"]
        if way == "loop":
            return self._each(name, place, self.pick.choice(joins))
        kind = self.pick.choice(joins)
        place.type = OPS[kind]().infer(*types)
        return [f"{kind}({name})"]

    def _each(self, name: str, place: Place, join: str) -> list[str]:
        """Every tensor of a list through a layer of its own, and joined."""
        made, entry = self.fresh("each"), self.fresh("t")
        width = self.pick.choice([2, 3, 4])
        results = [TensorType((width, *t.spatial)) for t in place.lists[name]]
        place.lists[made] = results
        place.type = OPS[join]().infer(*results)
        layer = f"linear({self.number(width, place)})"
        body = "{ " + f"from {entry}; {made}[index]: {layer} }}"
        return [f"for {entry} in {name} {body}", f"{join}({made})"]

    def keeps(self, place: Place) -> str:
        """A call that leaves the type as it is."""
        for _ in range(TRIES):
            name = self.pick.choice(self.common)
            use = fits(name, self.menu, place.type, place.tensors, 2)
            if use is not None and use.result == place.type and not OPS[name].is_list:
                return self.call(use, place)
        return "relu"

    def to(self, wanted: TensorType, place: Place) -> list[str] | None:
        """Statements that lead from the current type to another of the same number of sizes."""
        lines: list[str] = []
        here = place.type
        if here.rank != wanted.rank:
            if wanted.rank or not here.rank:
                return None
            lines.append("global_avg_pool")
            here = TensorType(here.shape[:1])
        if here.spatial != wanted.spatial:
            if (
                not wanted.is_known
                or outcome("adaptive_avg_pool", (wanted.spatial,), {}, here) is None
            ):
                return None
            lines.append(f"adaptive_avg_pool({self.value(wanted.spatial, place)})")
            here = TensorType((here.channels, *wanted.spatial))
        if here.channels != wanted.channels:
            width = self.number(wanted.channels, place)
            lines.append(
                f"conv({width}, 1)" if here.rank and self.maybe(0.6) else f"linear({width})"
            )
        place.type = wanted
        return lines
