"""Kinds of attribute values: which values an attribute takes, and what to say of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from resdsl.ops.initializers import Initializer
from resdsl.records import dataclass
from resdsl.types import TensorType

#: One number, or one for each spatial dimension: (height, width) for images.
PerAxis: TypeAlias = int | tuple[int, ...]
#: `"same"`, `"valid"`, `"tf_same"`, one number for all sides, or two for each spatial dimension:
#: (top, bottom, left, right) for images.
Padding: TypeAlias = str | int | tuple[int, ...]
#: The most spatial dimensions that windows slide over.
MOST_AXES = 3
NAMED_PADDINGS = ("same", "valid", "tf_same")


class WrongValue(Exception):
    """Says what is wanted, to stand after "`stride` "."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`accept` gives the value in its stored form or raises `WrongValue`; `says` is for readers."""

    says: str
    accept: Callable[[Any], Any]
    #: Values are tensors of the network, which operations know by their types.
    is_tensor: bool = False


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_whole(value: object, step: int, minimum: int) -> bool:
    """Whether this is a list of whole numbers, `step` of them for each spatial dimension."""
    if not isinstance(value, list | tuple) or len(value) % step:
        return False
    in_range = 1 <= len(value) // step <= MOST_AXES
    return in_range and all(_is_whole(v) and v >= minimum for v in value)


def whole(minimum: int, at_most: int | None = None) -> Kind:
    """A whole number of at least `minimum`."""
    says = f"a whole number, {minimum} or more"
    if at_most is not None:
        says += f", at most {at_most:_}"

    def accept(value: Any) -> int:
        in_range = _is_whole(value) and value >= minimum and (at_most is None or value <= at_most)
        if not in_range:
            raise WrongValue(f"must be {says}")
        return int(value)

    return Kind(says, accept)


def any_whole() -> Kind:
    """A whole number, negative ones too."""
    says = "a whole number"

    def accept(value: Any) -> int:
        if not _is_whole(value):
            raise WrongValue(f"must be {says}")
        return int(value)

    return Kind(says, accept)


def whole_or_list(minimum: int) -> Kind:
    """A whole number, or a list of them."""
    says = f"a whole number, {minimum} or more, or a list of such"

    def accept(value: Any) -> int | tuple[int, ...]:
        if _is_whole(value) and value >= minimum:
            return int(value)
        if isinstance(value, list | tuple) and value and _are_whole(value, len(value), minimum):
            return tuple(map(int, value))
        raise WrongValue(f"must be {says}")

    return Kind(says, accept)


def size() -> Kind:
    """A whole number of at least 1, or -1 for what other sizes leave."""
    says = "a whole number, 1 or more, or -1"

    def accept(value: Any) -> int:
        if not _is_whole(value) or (value < 1 and value != -1):
            raise WrongValue(f"must be {says}")
        return int(value)

    return Kind(says, accept)


def number(
    minimum: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
    above: float | None = None,
) -> Kind:
    """A finite number within the bounds that are given."""
    says = "a number"
    if minimum is not None:
        says += f", {minimum:g} or more"
    if above is not None:
        says += f", more than {above:g}"
    if below is not None:
        says += f", less than {below:g}"
    if at_most is not None:
        says += f", at most {at_most:g}"

    def accept(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WrongValue(f"must be {says}")
        in_range = (
            (minimum is None or value >= minimum)
            and (above is None or value > above)
            and (below is None or value < below)
            and (at_most is None or value <= at_most)
        )
        if not in_range or value != value or value in (float("inf"), float("-inf")):
            raise WrongValue(f"must be {says}")
        return float(value)

    return Kind(says, accept)


def flag() -> Kind:
    """`true` or `false`."""

    def accept(value: Any) -> bool:
        if not isinstance(value, bool):
            raise WrongValue("must be `true` or `false`")
        return value

    return Kind("`true` or `false`", accept)


def choice(*options: str) -> Kind:
    """One of a few texts."""
    says = " or ".join(f'`"{option}"`' for option in options)

    def accept(value: Any) -> str:
        if not isinstance(value, str) or value not in options:
            raise WrongValue(f"must be {says}")
        return value

    return Kind(says, accept)


def text() -> Kind:
    """A text that is not empty: a name, or a path."""
    says = "a text, not an empty one"

    def accept(value: Any) -> str:
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise WrongValue(f"must be {says}")
        return value

    return Kind(says, accept)


def list_of(kind: Kind, *, or_one: bool = False, minimum: int = 0) -> Kind:
    """A list of at least `minimum` values of `kind`; with `or_one`, a single one stands for it."""
    says = f"a list, each entry {kind.says}"
    if or_one:
        says = f"{kind.says}, or a list of such"

    def accept(value: Any) -> tuple[Any, ...]:
        entries = value if isinstance(value, list | tuple) else (value,)
        if (entries is not value and not or_one) or len(entries) < minimum:
            raise WrongValue(f"must be {says}")
        try:
            return tuple(kind.accept(entry) for entry in entries)
        except WrongValue:
            raise WrongValue(f"must be {says}") from None

    return Kind(says, accept)


def per_axis(minimum: int) -> Kind:
    """A whole number for all spatial dimensions, or a list of one for each."""
    says = f"a whole number, {minimum} or more, or a list of one for each spatial dimension"

    def accept(value: Any) -> PerAxis:
        if _is_whole(value) and value >= minimum:
            return int(value)
        if _are_whole(value, 1, minimum):
            return tuple(map(int, value))
        raise WrongValue(f"must be {says}")

    return Kind(says, accept)


def padding(*options: str) -> Kind:
    """One of the named paddings in `options`, one number for all sides, or a list of two for each
    spatial dimension."""
    named = ", ".join(f'`"{option}"`' for option in options)
    says = (
        f"{named}, a whole number, or a list of two for each spatial dimension "
        "([top, bottom, left, right])"
    ).lstrip(", ")

    def accept(value: Any) -> Padding:
        if isinstance(value, str) and value in options:
            return value
        if _is_whole(value) and value >= 0:
            return int(value)
        if _are_whole(value, 2, minimum=0):
            return tuple(map(int, value))
        raise WrongValue(f"must be {says}")

    return Kind(says, accept)


def initializer() -> Kind:
    """An initializer call, such as `he_normal(fan = "out")` or `zeros`."""
    says = 'an initializer, such as `he_normal(fan = "out")` or `zeros`'

    def accept(value: Any) -> Initializer:
        if not isinstance(value, Initializer):
            raise WrongValue(f"must be {says}")
        return value

    return Kind(says, accept)


def start() -> Kind:
    """What a weight starts from: a number for all of it, or an initializer."""
    says = "a number, or an initializer, such as `normal(0.02)`"

    def accept(value: Any) -> float | Initializer:
        try:
            return value if isinstance(value, Initializer) else float(number().accept(value))
        except WrongValue:
            raise WrongValue(f"must be {says}") from None

    return Kind(says, accept)


def optional(kind: Kind) -> Kind:
    """`none`, or a value of `kind`."""

    def accept(value: Any) -> Any:
        return None if value is None else kind.accept(value)

    return Kind(f"{kind.says}, or `none`", accept, kind.is_tensor)


def tensor() -> Kind:
    """A tensor of the network, such as a label; the operation itself is told its type."""
    says = "a tensor, such as a label or `in`"

    def accept(value: Any) -> TensorType:
        if not isinstance(value, TensorType):
            raise WrongValue(f"must be {says}")
        return value

    return Kind(says, accept, is_tensor=True)
