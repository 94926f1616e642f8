"""Where the author of random networks is: what is known there, and values written in the words that
are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from resdsl.types import TensorType
from tests.support.fuzzing import arguments
from tests.support.fuzzing.arguments import Tensor, Use


@dataclass
class Place:
    """What is known where a statement stands."""

    #: The current tensor, unless it is anyone's guess.
    type: TensorType | None
    #: What `in` is.
    input: TensorType | None
    #: Labelled tensors, and lists of them.
    taps: dict[str, TensorType] = field(default_factory=dict)
    lists: dict[str, TensorType] = field(default_factory=dict)
    #: Whole numbers and conditions by their text.
    numbers: dict[str, int] = field(default_factory=dict)
    truths: dict[str, bool] = field(default_factory=dict)
    #: The variable of the loop around, if there is one.
    loop: str = ""

    def inside(self, **changes: Any) -> Place:
        """A scope in this one."""
        own = {k: dict(v) if isinstance(v, dict) else v for k, v in vars(self).items()}
        return Place(**(own | changes))

    @property
    def tensors(self) -> list[Tensor]:
        """Tensors that can be named here."""
        own = [] if self.input is None else [Tensor("in", self.input)]
        return own + [Tensor(name, type_) for name, type_ in self.taps.items()]


class Writer:
    """Writes expressions that come to a value."""

    def __init__(self, pick: Random) -> None:
        self.pick = pick

    def maybe(self, chance: float) -> bool:
        return self.pick.random() < chance

    def number(self, value: int, place: Place) -> str:
        """A whole number, written in some way."""
        if self.maybe(0.6):
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
        plain = [
            f"{name} == {right}",
            f"{name} in [{right}]",
            f"0 <= {known} < {2 if value else 0}",
        ]
        plain[2:] = [f"{str(value).lower()} or false"]
        return self.pick.choice(same * 3 + opposite + plain)

    def value(self, value: Any, place: Place) -> str:
        """An argument's value, written in some way."""
        if isinstance(value, int) and not isinstance(value, bool):
            return self.number(value, place)
        if isinstance(value, tuple):
            return f"[{', '.join(self.value(v, place) for v in value)}]"
        if isinstance(value, bool) and self.maybe(0.3):
            return self.truth(value, place)
        return arguments.written(value)

    def call(self, use: Use, place: Place) -> str:
        parts = [self.value(v, place) for v in use.positional]
        parts += [f"{name} = {self.value(v, place)}" for name, v in use.keywords.items()]
        return f"{use.name}({', '.join(parts)})" if parts else use.name
