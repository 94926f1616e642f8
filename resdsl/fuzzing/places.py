"""Where the author of random networks is: what is known there, and values written in the words that
are known."""

from __future__ import annotations

from random import Random
from typing import Any

from resdsl.fuzzing.arguments import Tensor, Use, written
from resdsl.records import dataclass, field, fields
from resdsl.types import TensorType


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled item that may run again: the type it took, and the one it left."""

    input: TensorType
    output: TensorType


@dataclass(slots=True)
class Place:
    """What is known where a statement stands."""

    #: The current tensor.
    type: TensorType
    #: What `in` is; a model of several inputs has none.
    input: TensorType | None
    #: Labelled tensors, lists of them, and items that may run again.
    taps: dict[str, TensorType] = field(default_factory=dict)
    lists: dict[str, list[TensorType]] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    #: Lists that the loop around is making: whole behind it.
    making: dict[str, list[TensorType]] = field(default_factory=dict)
    #: Whole numbers and conditions by their text.
    numbers: dict[str, int] = field(default_factory=dict)
    truths: dict[str, bool] = field(default_factory=dict)
    #: The variables of the loops around, and how often the innermost runs.
    loops: tuple[str, ...] = ()
    rounds: int = 1

    def inside(self, **changes: Any) -> Place:
        """A scope in this one."""
        own: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(Place)}
        copies: dict[str, Any] = {k: dict(v) if isinstance(v, dict) else v for k, v in own.items()}
        return Place(**(copies | changes))

    @property
    def tensors(self) -> list[Tensor]:
        """Tensors that can be named here."""
        own = [] if self.input is None else [Tensor("in", self.input)]
        parts = [
            Tensor(f"{name}[{n}]", type_)
            for name, types in self.lists.items()
            for n, type_ in enumerate(types)
        ]
        return own + [Tensor(name, type_) for name, type_ in self.taps.items()] + parts


class Writer:
    """Writes names, and expressions that come to a value."""

    def __init__(self, pick: Random) -> None:
        self.pick = pick
        self.count = 0

    def maybe(self, chance: float) -> bool:
        return self.pick.random() < chance

    def fresh(self, stem: str) -> str:
        """A name that nothing else has."""
        self.count += 1
        return f"{stem}{self.count}"

    def number(self, value: int, place: Place) -> str:
        """A whole number, written in some way."""
        if self.maybe(0.75):
            return str(value)
        same = [text for text, known in place.numbers.items() if known == value]
        other, known = self.pick.choice([*place.numbers.items(), ("2", 2)])
        ways = [
            f"{other} - {known - value}" if known >= value else f"{other} + {value - known}",
            f"({value} if {self.truth(True, place)} else 0)",
            f"max({value}, {value - 1})",
            f"{2 * value} // 2",
            f"[{value}, {other}][0]",
            f"sum([{value}, {other}, -{known}])",
            f"int({value}.0)" if value >= 0 else str(value),
            f"len([i for i in range({value})])" if 0 <= value < 50 else str(value),
        ]
        return self.pick.choice(same * 4 + ways)

    def truth(self, value: bool, place: Place) -> str:
        """A condition that comes to `value`."""
        same = [text for text, known in place.truths.items() if known is value]
        opposite = [f"not {text}" for text, known in place.truths.items() if known is not value]
        name, known = self.pick.choice([*place.numbers.items(), ("2", 2)])
        right = known if value else known + 1
        plain = [f"{name} == {right}", f"{name} in [{right}]", f"{str(value).lower()} or false"]
        return self.pick.choice(same * 3 + opposite + plain)

    def value(self, value: Any, place: Place) -> str:
        """An argument's value, written in some way."""
        if isinstance(value, int) and not isinstance(value, bool):
            return self.number(value, place)
        if isinstance(value, tuple):
            return f"[{', '.join(self.value(v, place) for v in value)}]"
        if isinstance(value, bool) and self.maybe(0.2):
            return self.truth(value, place)
        return written(value)

    def call(self, use: Use, place: Place) -> str:
        parts = [self.value(v, place) for v in use.positional]
        parts += [f"{name} = {self.value(v, place)}" for name, v in use.keywords.items()]
        return f"{use.name}({', '.join(parts)})" if parts else use.name

    def label(self, stem: str, place: Place) -> str:
        """A label: of its own in a loop for each round, else a plain name."""
        name = self.fresh(stem)
        if not place.loops:
            return name
        if len(place.loops) == 1 and self.maybe(0.6):
            return f"{name}[{place.loops[0]}]"
        return f'"{name}_' + "_".join(f"{{{loop}}}" for loop in place.loops) + '"'

    def named(self, stem: str, text: str, place: Place, result: TensorType) -> str:
        """The statement under a label, known to the place from then on."""
        before, name = place.type, self.label(stem, place)
        place.type = result
        if name.isidentifier():
            place.taps[name] = result
            if "identity" not in text:
                place.items[name] = Item(before, result)
        elif name.endswith("]"):
            # The later rounds leave such a tensor too: only loops that keep the type label so.
            place.making[name.partition("[")[0]] = [result] * place.rounds
        return f"{name}: {text}"
