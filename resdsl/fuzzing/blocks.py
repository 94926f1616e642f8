"""Blocks by the author of random networks: each is written for the tensor that it is called on,
with parameters of every type; and the user's own, called with random arguments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from random import Random

from resdsl.fuzzing.guests import Guests
from resdsl.fuzzing.menu import Menu
from resdsl.fuzzing.nested import Nested, Way
from resdsl.fuzzing.places import Place
from resdsl.types import TensorType

MEMBERS = ((), ("length",), ("height", "width"), ("depth", "height", "width"))
#: Blocks that leave a tensor like the one they take.
PASSED = ("relu", "identity", "batch_norm", 'gelu(approximate = "tanh")', "silu")

#: Kinds of parameters. A stage hands no tensors to its blocks.
STEMS = ("width", "flag", "act", "skip")


class Blocks(Nested):
    """Writes definitions beside the statements that call them."""

    def __init__(
        self, pick: Random, menu: Menu, operations: Collection[str], guests: Guests | None = None
    ) -> None:
        super().__init__(pick, menu, operations)
        self.definitions: list[str] = []
        self.guests = guests

    def plain_ways(self) -> list[Way]:
        return [*super().plain_ways(), *[self.guest] * 8 * (self.guests is not None)]

    def nested_ways(self) -> list[Way]:
        own: list[Way] = [self.block, self.block, self.stage, self.stage, self.several, self.handed]
        return [*super().nested_ways(), *own]

    def guest(self, place: Place, depth: int) -> list[str]:
        """A block of the user's files, where one fits."""
        assert self.guests is not None
        found = self.guests.call(place.type, place.tensors, self.menu)
        if found is None:
            return self.operation(place, depth)
        call, result = found
        return [self.named("guest", call, place, result)]

    def block(self, place: Place, depth: int) -> list[str]:
        """A block of its own, under a label or not."""
        call, result = self.defined(place, depth)
        if self.maybe(0.6):
            return [self.named("unit", call, place, result)]
        place.type = result
        return [call]

    def stage(self, place: Place, depth: int) -> list[str]:
        """A block so many times in a row."""
        call, result = self.defined(place, depth, ("width", "flag", "act"))
        count = self.pick.choice([1, 2, 3]) if result == place.type else 1
        before, place.type = place.type, result
        text = f"{self.number(count, place)} x {call}"
        if self.maybe(0.4):
            return [f"stage {text}"]
        label = self.label("layer", place)
        self.remember(label, before, result, place)
        return [f"stage {label}: {text}"]

    def several(self, place: Place, depth: int) -> list[str]:
        """A block with several results, of which one is taken up."""
        if place.loops:
            return self.block(place, depth)
        inner = Place(place.type, place.type)
        first = self.named("one", self.keeps(inner), inner, inner.type)
        lines = [first, *self.body(inner, depth - 1, 2)]
        last = self.fresh("last")
        lines.append(f"{last}: identity")
        name, label = self.fresh("block"), self.fresh("both")
        one = first.partition(":")[0]
        body = "\n    ".join([*lines, f"output({one}, {last})"])
        self.definitions.append(f"block {name} {{\n    {body}\n}}\n")
        results = {f"{label}.{one}": inner.taps[one], f"{label}.{last}": inner.type}
        results |= {f"{label}[1]": inner.type}
        place.taps |= results
        taken = self.pick.choice(list(results))
        place.type = results[taken]
        return [f"{label}: {name}", f"from {taken}"]

    def handed(self, place: Place, depth: int) -> list[str]:
        """A block that is handed a list of tensors, whose channels it appends."""
        alike = [t for t in place.tensors if t.type.spatial == place.type.spatial]
        if len(alike) < 2 or "concat" not in self.joins:
            return self.block(place, depth)
        chosen = [self.pick.choice(alike) for _ in range(self.pick.choice([1, 2, 2, 3]))]
        name, width = self.fresh("block"), self.pick.choice([1, 2, 3])
        self.definitions.append(
            f"block {name}(levels: tensors, width = {width}) {{\n"
            "    for level in levels {\n        from level\n        made[index]: linear(width)\n"
            "    }\n    concat(made)\n}\n"
        )
        given = f"[{', '.join(t.text for t in chosen)}]"
        result = TensorType((width * len(chosen), *place.type.spatial))
        return [self.named("heads", f"{name}({given})", place, result)]

    def defined(
        self, place: Place, depth: int, stems: Sequence[str] = STEMS
    ) -> tuple[str, TensorType]:
        """A block written for the tensor at hand, as a call and with what it leaves."""
        name, inner = self.fresh("block"), Place(place.type, place.type)
        parameters, given = [], []
        for stem in stems:
            if (stem == "skip" and not place.tensors) or self.maybe(0.5):
                continue
            head, argument = self.parameter(stem, place, inner)
            parameters.append(head)
            # The value is the default's, so that it may be left out.
            if "=" not in head or self.maybe(0.4):
                given.append(argument)
        members = ("channels", *MEMBERS[place.type.rank])
        for member, size in zip(members, place.type.shape, strict=True):
            if isinstance(size, int):
                inner.numbers[f"in.{member}"] = size
        lines = self.body(inner, depth - 1)
        lines += ["act"] * any(p.startswith("act") for p in parameters)
        head = f"({', '.join(sorted(parameters, key=lambda p: '=' in p))})" if parameters else ""
        joined = "\n    ".join(lines) if self.maybe(0.7) else "; ".join(lines)
        self.definitions.append(f"block {name}{head} {{\n    {joined}\n}}\n")
        if self.maybe(0.15):
            alias = self.fresh("alias")
            self.definitions.append(f"block {alias} = {name}\n")
            name = alias
        return (f"{name}({', '.join(given)})" if given else name), inner.type

    def parameter(self, stem: str, place: Place, inner: Place) -> tuple[str, str]:
        """A parameter with its argument, known inside the block from then on."""
        name = self.fresh(stem)
        if stem == "width":
            value = self.pick.randint(1, 6)
            inner.numbers[name] = value
            kind = self.pick.choice(["", ": int", ": number"])
            return f"{name}{kind} = {value}", f"{name} = {self.number(value, place)}"
        if stem == "flag":
            truth = self.maybe(0.5)
            inner.truths[name] = truth
            return f"{name} = {str(truth).lower()}", f"{name} = {self.truth(truth, place)}"
        if stem == "skip":
            tensor = self.pick.choice(place.tensors)
            inner.taps[name] = tensor.type
            return f"{name}: tensor", f"{name} = {tensor.text}"
        act = self.pick.choice(PASSED)
        return f"act: block = {act}", f"act = {act}"
