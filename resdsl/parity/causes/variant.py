"""What a variant is: one other meaning of an operation, out there in some framework or paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from resdsl.ops import Op, attributes_of

#: In which part of a run a variant can be seen.
FORWARD, TRAIN, STATISTICS, BACKWARD = "forward", "train forward", "statistics", "backward"


@dataclass(frozen=True, slots=True)
class Variant:
    """One other meaning of an operation.

    `name` is what an author would write for it (`eps = 1e-3`, `padding = SAME`), `says` what it
    does, in a sentence, `tradition` where it is the convention, and `help` what to do if it is more
    than to correct the source. It is the same operation with other attributes (`op`), a `twist`
    that a trial understands, or both. With `fit`, the number of that attribute (or twist) is not
    known and to be found, from the ones in `starts`.
    """

    name: str
    says: str
    tradition: str = ""
    help: str = ""
    op: Op | None = None
    twist: Mapping[str, Any] = field(default_factory=dict)
    fit: str = ""
    starts: tuple[float, ...] = ()
    #: In float32 (or less) sums are not exact: how far a result may be from the trial's.
    loose: float = 0.0


def number_text(value: float) -> str:
    """A number as an author would write it: `1e-3`, `0.99`."""
    text = f"{value:.12g}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        return f"{mantissa}e{int(exponent)}"
    if 0 < abs(value) < 0.01:
        mantissa, _, exponent = f"{value:.11e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return text


def value_text(value: Any) -> str:
    """The value of an attribute as an author would write it."""
    if value is None or isinstance(value, bool):
        return "none" if value is None else str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return number_text(value)


def changed(op: Op, changes: Mapping[str, Any]) -> Op:
    """The operation with other values for some attributes."""
    own = {name: getattr(op, name) for name in attributes_of(type(op))}
    return type(op)(**{**own, **changes})


def other(op: Op, says: str, tradition: str = "", *, name: str = "", **changes: Any) -> Variant:
    """The operation with other attributes, named after them."""
    written = ", ".join(f"{key} = {value_text(value)}" for key, value in changes.items())
    return Variant(name or written, says, tradition, op=changed(op, changes))


def twisted(
    name: str,
    says: str,
    tradition: str = "",
    twist: Mapping[str, Any] | None = None,
    *,
    help: str = "",
    **more: Any,
) -> Variant:
    """A meaning for which the language has no attribute."""
    return Variant(name, says, tradition, help, twist={**(twist or {}), **more})


def fitted(op: Op, attribute: str, says: str, *starts: float) -> Variant:
    """The operation with some other number for an attribute."""
    return Variant(attribute, says, op=op, fit=attribute, starts=starts)
