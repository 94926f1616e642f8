"""Random uses of operations, made from their own signatures: whatever `OPS` holds is tried, with
every attribute, and what it leaves of its input is known from its own shape rule."""

from __future__ import annotations

from math import prod
from typing import Any

from resdsl.fuzzing.menu import Initial, Menu, plain
from resdsl.ops import OPS, Kind, Op, OpError, WrongValue, attributes_of, required
from resdsl.records import dataclass
from resdsl.sizes import EndlessSize, UnknownSize
from resdsl.types import TensorType

#: Sizes beyond this make a network slow and tell no more.
LARGEST = 48
#: Attributes given more often than others: without padding an even kernel does not fit.
OFTEN = {"pad": 0.7, "stride": 0.5}
#: Entries of one sample's tensor.
ENTRIES = 4096


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor that a place can name, and its type."""

    text: str
    type: TensorType


@dataclass(frozen=True, slots=True)
class Use:
    """A call of an operation: its arguments as values, and the type it leaves."""

    name: str
    positional: tuple[Any, ...]
    keywords: dict[str, Any]
    result: TensorType


def written(value: Any) -> str:
    """A value as the language writes it."""
    return value.text if isinstance(value, Tensor) else plain(value)


def fits(name: str, menu: Menu, x: TensorType, tensors: list[Tensor], tries: int) -> Use | None:
    """A call of one operation on a tensor of type `x` with arguments that fit, if soon found."""
    for _ in range(tries):
        found = attempt(name, menu, x, tensors)
        if found is not None:
            return found
    return None


def attempt(name: str, menu: Menu, x: TensorType, tensors: list[Tensor]) -> Use | None:
    """A call of one operation with random arguments, if they fit."""
    positional, keywords = arguments(name, menu, x, tensors)
    result = outcome(name, positional, keywords, x)
    return None if result is None else Use(name, positional, keywords, result)


def outcome(
    name: str, positional: tuple[Any, ...], keywords: dict[str, Any], x: TensorType
) -> TensorType | None:
    """What an operation leaves of `x`; `None` if the arguments do not fit, or it is large."""
    attributes = attributes_of(OPS[name])
    values = dict(zip(attributes, positional, strict=False)) | keywords
    try:
        kinds = {key: attributes[key].metadata["kind"] for key in values}
        op = OPS[name](**{key: kinds[key].accept(_bound(v)) for key, v in values.items()})
        if next(op.problems(), None) is not None:
            return None
        inputs = _inputs(op, x, values)
        result = op.infer(*inputs)
        op.weights(inputs[0])
    except (OpError, WrongValue, UnknownSize, EndlessSize, TypeError):
        return None
    return result if is_small(result) else None


def is_small(result: TensorType) -> bool:
    """Whether later operations stay cheap, and know what their weights are."""
    if not isinstance(result.shape[0], int):
        return False
    sizes = [size for size in result.shape if isinstance(size, int)]
    return max(sizes) <= LARGEST and prod(sizes) <= ENTRIES


def arguments(
    name: str, menu: Menu, x: TensorType, tensors: list[Tensor]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Random arguments by position and by name, each of a value that the attribute takes."""
    if name == "reshape" and x.is_known:
        return _sizes(menu, x), {}
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for attribute, field in attributes_of(OPS[name]).items():
        must = required(field)
        if not must and menu.pick.random() > OFTEN.get(attribute, menu.given):
            continue
        value = _value(name, attribute, menu, x, tensors)
        if must and not keywords and menu.pick.random() < 0.9:
            positional.append(value)
        else:
            keywords[attribute] = value
    return tuple(positional), keywords


def _value(name: str, attribute: str, menu: Menu, x: TensorType, tensors: list[Tensor]) -> Any:
    kind: Kind = attributes_of(OPS[name])[attribute].metadata["kind"]
    return menu.pick.choice(tensors) if kind.is_tensor else menu.value(name, attribute, kind, x)


def _sizes(menu: Menu, x: TensorType) -> tuple[int, ...]:
    """Sizes that keep all entries, one of them perhaps left to be counted."""
    rest, sizes = prod(x.numbers), []
    for _ in range(menu.pick.randint(0, 3)):
        sizes.append(menu.pick.choice([n for n in range(1, 13) if rest % n == 0]))
        rest //= sizes[-1]
    sizes.insert(menu.pick.randint(0, len(sizes)), rest)
    if menu.pick.random() < 0.4:
        sizes[menu.pick.randrange(len(sizes))] = -1
    return tuple(sizes)


def _bound(value: Any) -> Any:
    """A value as the operation takes it."""
    if isinstance(value, Initial):
        return value.made
    return value.type if isinstance(value, Tensor) else value


def _inputs(op: Op, x: TensorType, values: dict[str, Any]) -> list[TensorType]:
    own = [x] if type(op).takes_current else []
    return own + [v.type for v in values.values() if isinstance(v, Tensor)]
