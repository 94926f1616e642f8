"""Random uses of operations, made from their own signatures: whatever `OPS` holds is tried, with
every attribute, and what it leaves of its input is known from its own shape rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from resdsl.ops import (
    INITIALIZERS,
    OPS,
    Kind,
    Op,
    OpError,
    WrongInitializer,
    WrongValue,
    attributes_of,
    make_initializer,
    required,
)
from resdsl.sizes import EndlessSize, UnknownSize
from resdsl.types import TensorType

WHOLE = [1, 2, 3, 4, 1, 2, 3, 5, 6, 8, 0, -1, 16]
FLOATS = [0.5, 0.25, 1e-3, 1.0, 0.0, -0.5, 1.5, 6.0]
TEXTS = re.compile('"([^"]*)"')
#: Attributes that a use leaves out unless this comes up.
GIVEN = 0.25


@dataclass(frozen=True)
class Tensor:
    """A tensor that a place can name, and its type."""

    text: str
    type: TensorType


@dataclass(frozen=True)
class Use:
    """A call of an operation that fits: its arguments as values, and the type it leaves."""

    name: str
    positional: tuple[Any, ...]
    keywords: dict[str, Any]
    result: TensorType


@cache
def _accepted(kind: Kind) -> list[Any]:
    """Values that an attribute of this kind takes."""
    texts = TEXTS.findall(kind.says)
    small = [1, 2, 3]
    lists = [(a, b) for a in small for b in small] + [(0, 1, 1, 0), (1, 0, 2, 1), (1, 2, 0, 0)]
    lists += [(1,), (2,), (1, 2, 3), (2, 1, 1), (1, 1, 0, 0, 1, 1)]
    candidates = [*WHOLE, *FLOATS, True, False, *texts, *texts, *lists, None]
    found = []
    for value in candidates:
        try:
            kind.accept(value)
        except WrongValue:
            continue
        found.append(value)
    return found


@dataclass(frozen=True)
class Call:
    """An initializer as a value: its text, and what it makes."""

    text: str
    made: Any


def initializer(pick: Random) -> Call:
    """A call of an initializer that makes one."""
    while True:
        signature = INITIALIZERS[pick.choice(sorted(INITIALIZERS))]
        given = {}
        for parameter in signature.parameters:
            if parameter.default is None or pick.random() < GIVEN:
                given[parameter.name] = pick.choice(_accepted(parameter.kind))
        try:
            made = make_initializer(signature.name, (), given)
        except WrongInitializer:
            continue
        inner = ", ".join(f"{name} = {written(value)}" for name, value in given.items())
        return Call(f"{signature.name}({inner})" if inner else signature.name, made)


def written(value: Any) -> str:
    """A value as the language writes it."""
    if isinstance(value, Call | Tensor):
        return value.text
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(written, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _bound(value: Any) -> Any:
    """A value as the operation takes it."""
    return {Call: lambda: value.made, Tensor: lambda: value.type}.get(type(value), lambda: value)()


def _value(kind: Kind, tensors: list[Tensor], pick: Random) -> Any:
    if kind.is_tensor:
        return pick.choice(tensors)
    return pick.choice(_accepted(kind)) if _accepted(kind) else initializer(pick)


def use(x: TensorType, tensors: list[Tensor], pick: Random, tries: int = 12) -> Use | None:
    """A call of some operation on a tensor of type `x` that fits, if one is soon found."""
    names = [name for name, kind in OPS.items() if not kind.is_join]
    for _ in range(tries):
        found = attempt(pick.choice(names), x, tensors, pick)
        if found is not None:
            return found
    return None


def attempt(name: str, x: TensorType, tensors: list[Tensor], pick: Random) -> Use | None:
    """A call of one operation with random arguments, if they fit."""
    positional, keywords = arguments(name, tensors, pick)
    kind = OPS[name]
    names = list(attributes_of(kind))
    values = dict(zip(names, positional, strict=False)) | keywords
    try:
        op = kind(
            **{
                k: attributes_of(kind)[k].metadata["kind"].accept(_bound(v))
                for k, v in values.items()
            }
        )
        result = op.infer(*_inputs(op, x, values))
    except (OpError, WrongValue, UnknownSize, EndlessSize, TypeError):
        return None
    # Later operations stay cheap: every weight and every tensor is small.
    if next(op.problems(), None) is not None or not isinstance(result, TensorType):
        return None
    if any(isinstance(size, int) and size > 64 for size in result.shape):
        return None
    return Use(name, positional, keywords, result)


def _inputs(op: Op, x: TensorType, values: dict[str, Any]) -> list[TensorType]:
    own = [x] if type(op).takes_current else []
    return own + [v.type for v in values.values() if isinstance(v, Tensor)]


def arguments(
    name: str, tensors: list[Tensor], pick: Random
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Random arguments by position and by name, each of a value that the attribute takes."""
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for attribute, field in attributes_of(OPS[name]).items():
        kind: Kind = field.metadata["kind"]
        must = required(field)
        if not must and pick.random() > GIVEN:
            continue
        value = _value(kind, tensors, pick)
        if must and not keywords and pick.random() < 0.9:
            positional.append(value)
        else:
            keywords[attribute] = value
    return tuple(positional), keywords
