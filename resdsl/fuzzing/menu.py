"""Values for arguments at random: those that an attribute's own kind accepts, and of these the ones
that say something. A comparison of numbers wants an eps that shows and weights that neither vanish
nor overflow; `EDGES` has the others, for those who try the compiler alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

from resdsl.ops import INITIALIZERS, Kind, WrongInitializer, WrongValue, make_initializer
from resdsl.records import dataclass
from resdsl.types import TensorType

WHOLE = (1, 2, 3, 4, 1, 2, 3, 5, 6, 8, 0, -1, 16)
FLOATS = (0.5, 0.25, 1e-3, 1.0, 0.0, -0.5, 1.5, 6.0)
TEXTS = re.compile('"([^"]*)"')
LISTS = (
    *((a, b) for a in (1, 2, 3) for b in (1, 2, 3)),
    *((0, 1, 1, 0), (1, 0, 2, 1), (1, 2, 0, 0), (1,), (2,), (1, 2, 3), (2, 1, 1)),
    (1, 1, 0, 0, 1, 1),
)

#: Values of attributes by name, where the kind alone would allow too much.
SENSIBLE: dict[str, tuple[Any, ...]] = {
    "out": (1, 2, 3, 4, 4, 6, 6, 8, 12),
    "kernel": (1, 2, 3, 3, 3, 4, 5),
    "stride": (1, 1, 2, 2, 3),
    "dilation": (1, 2, 2, 3),
    "pad": ("same", "valid", "tf_same", 0, 1, 1, 2),
    "output_pad": (0, 1, 1, 2),
    "multiplier": (1, 2, 3),
    "eps": (1e-5, 1e-3, 1e-2, 0.1),
    "standardize_eps": (1e-8, 1e-5, 1e-3),
    "momentum": (0.1, 0.01, 0.25, 0.9, 0, 1),
    "size": (1, 2, 3, 4, 5, 7),
    "alpha": (1e-4, 1e-2, 0.5),
    "beta": (0.5, 0.75, 1, 1.5),
    "k": (1, 2, 0.5),
    "slope": (0.01, 0.1, 0.3, -0.5, 1.5),
    "rate": (0.0, 0.1, 0.25, 0.5),
    "value": (0, 1, 0.5, -0.5, 1.5, 2),
    "amount": (0, 1, 1, 2),
    "by": (1, 2, 2, 3),
    "count": (1, 1, 2, 3),
    "position": (0, 0, 1, -1, 2, -2),
    "one": (0, 0, 1, 2),
    "other": (1, 1, 2, 3),
}
#: Of initializers, by parameter: weights of a network that computes something.
STARTS: dict[str, tuple[Any, ...]] = {
    "gain": (0.5, 1, 1.5),
    "scale": (0.5, 1, 2),
    "std": (0.02, 0.1, 0.5),
    "mean": (0, 0.1, -0.5),
    "low": (-0.5, -0.1, 0),
    "high": (0.1, 0.5),
    "value": (0, 1, 0.5, -0.25),
}


#: Initializers that know nothing of fans. Not every framework draws the others for arrays of one
#: dimension, and a refusal says little when it is always the same.
UNSCALED = ("normal", "truncated_normal", "uniform", "constant", "zeros", "ones")
#: The share of starts that may be scaled there as well.
SCALED = 0.03


@dataclass(frozen=True, slots=True)
class Initial:
    """An initializer as a value: its text, and what it makes."""

    text: str
    made: Any


class Menu:
    """Gives values for attributes. Attributes that need none are given with the chance `given`."""

    given = 0.3

    def __init__(self, pick: Random) -> None:
        self.pick = pick

    def value(self, owner: str, name: str, kind: Kind, x: TensorType) -> Any:
        """A value for an attribute of an operation on `x`; no tensor."""
        fitting = self._fitting(name, x)
        if fitting:
            return self.pick.choice(fitting)
        accepted = [*sensible(name, kind), *lists(name, kind, x.rank)]
        if name == "value" and not accepts(kind, Initial):
            return self.pick.choice(accepted)
        if not accepted or (accepts(kind, Initial) and self.pick.random() < 0.4):
            flat = name == "bias_init" or owner.endswith("norm")
            known = sorted(INITIALIZERS)
            return self.initializer(UNSCALED if flat and self.pick.random() > SCALED else known)
        return self.pick.choice(accepted)

    def _fitting(self, name: str, x: TensorType) -> list[Any]:
        """What depends on the channels: parts that they can be cut into, and more of them."""
        channels = x.shape[0]
        if not isinstance(channels, int):
            return []
        if name in ("groups", "heads", "slices"):
            return [n for n in range(1, channels + 1) if channels % n == 0]
        return [channels, channels + 1, channels + 3] if name == "to" else []

    def initializer(self, names: Sequence[str] = UNSCALED) -> Initial:
        """A call of one of these initializers that makes one."""
        while True:
            signature = INITIALIZERS[self.pick.choice(names)]
            given = {}
            for parameter in signature.parameters:
                if parameter.default is None or self.pick.random() < self.given:
                    given[parameter.name] = self._start(parameter.name, parameter.kind)
            try:
                made = make_initializer(signature.name, (), given)
            except WrongInitializer:
                continue
            inner = ", ".join(f"{name} = {plain(value)}" for name, value in given.items())
            return Initial(f"{signature.name}({inner})" if inner else signature.name, made)

    def _start(self, name: str, kind: Kind) -> Any:
        found = [v for v in STARTS.get(name, ()) if accepts(kind, v)]
        return self.pick.choice(found or accepted(kind))


class Edges(Menu):
    """Whatever a kind accepts, zeros and infinitely small numbers among it."""

    given = 0.25

    def value(self, owner: str, name: str, kind: Kind, x: TensorType) -> Any:
        found = accepted(kind)
        return self.pick.choice(found) if found else self.initializer(sorted(INITIALIZERS))

    def _start(self, name: str, kind: Kind) -> Any:
        return self.pick.choice(accepted(kind))


def accepts(kind: Kind, value: Any) -> bool:
    """Whether an attribute takes a value; `Initial` stands for an initializer."""
    try:
        kind.accept(make_initializer("zeros", (), {}) if value is Initial else value)
    except WrongValue:
        return False
    return True


@cache
def accepted(kind: Kind) -> list[Any]:
    """Values that an attribute of this kind takes."""
    texts = TEXTS.findall(kind.says)
    candidates = [*WHOLE, *FLOATS, True, False, *texts, *texts, *LISTS, None]
    return [value for value in candidates if accepts(kind, value)]


@cache
def sensible(name: str, kind: Kind) -> list[Any]:
    """Single values of an attribute that say something, `none` among them if it is allowed."""
    if name not in SENSIBLE:
        return [value for value in accepted(kind) if not isinstance(value, tuple)]
    own = [value for value in SENSIBLE[name] if accepts(kind, value)]
    return own + [None] * (accepts(kind, None) and name != "like")


@cache
def lists(name: str, kind: Kind, rank: int) -> list[Any]:
    """Lists that an attribute takes for so many spatial dimensions."""
    # Paddings have two numbers a dimension.
    length = 2 * rank if accepts(kind, (1,) * 4) else rank
    if not length or not accepts(kind, (1,) * length):
        return []
    numbers = [v for v in SENSIBLE.get(name, (1, 2, 3)) if type(v) is int]
    pick = Random(name)
    return [tuple(pick.choice(numbers) for _ in range(length)) for _ in range(4)]


def plain(value: Any) -> str:
    """A value as the language writes it."""
    if isinstance(value, Initial):
        return value.text
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(plain, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)
