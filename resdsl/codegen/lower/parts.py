"""Parts of a `split` that are few and read one by one: variables of their own instead of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from resdsl.codegen import plan as p
from resdsl.expressions.nodes import ListOf, Literal
from resdsl.records import fields, replace

#: More parts than this stay a list.
MOST = 4


def unpacked(item: p.ClassPlan) -> tuple[p.ForwardStatement, ...]:
    """`forward` with `a, b = x.chunk(2)` where nothing asks for the whole list."""
    taken = {*_names(item.forward), item.first, *item.tensors, "self"}
    parts: dict[str, tuple[str, ...]] = {}
    for statement in _statements(item.forward):
        count = _count(statement)
        if count is not None and isinstance(statement, p.Bind):
            parts[statement.name] = tuple(_fresh(statement.name, i, taken) for i in range(count))
    for use in _uses(item.forward):
        if not (isinstance(use, p.MapItem) and _is_part(use.index, parts.get(use.name, ()))):
            parts.pop(use.name, None)

    def change(node: Any) -> Any:
        match node:
            case p.Bind(name=name, value=value) if name in parts:
                return p.Unpack(parts[name], changed(value, change))
            case p.MapItem(name=name, index=Literal(value=int() as index)) if name in parts:
                return p.Variable(parts[name][index])
            case _:
                return None

    return changed(item.forward, change) if parts else item.forward


def _is_part(index: Any, parts: tuple[str, ...]) -> bool:
    """Whether an index is the number of a part. In a branch never taken, it may be any number."""
    value = index.value if isinstance(index, Literal) else None
    return isinstance(value, int) and -len(parts) <= value < len(parts)


def _count(statement: p.ForwardStatement) -> int | None:
    """How many parts a statement makes, if they are few."""
    if not (isinstance(statement, p.Bind) and isinstance(statement.value, p.CallOp)):
        return None
    parts = statement.value.op.attributes.get("parts")
    if not statement.value.op.kind.is_list or parts is None:
        return None
    count = len(parts.items) if isinstance(parts, ListOf) else getattr(parts, "value", None)
    return count if isinstance(count, int) and 1 < count <= MOST else None


def _fresh(stem: str, number: int, taken: set[str]) -> str:
    single = stem[:-1] if stem.endswith("s") and len(stem) > 1 else stem
    name = f"{single}{number}"
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _names(node: Any) -> Iterator[str]:
    """Every name that statements set or read."""
    for inner in _nodes(node):
        match inner:
            case p.Unpack(names=names):
                yield from names
            case p.ForwardFor(targets=targets, index=index):
                yield from (*targets, index or "")
            case _ if hasattr(inner, "name"):
                yield inner.name


def _statements(node: Any) -> Iterator[p.ForwardStatement]:
    return (inner for inner in _nodes(node) if isinstance(inner, p.Bind))


def _uses(node: Any) -> Iterator[p.MapItem | p.AllItems | p.WholeList]:
    kinds = p.MapItem | p.AllItems | p.WholeList
    return (inner for inner in _nodes(node) if isinstance(inner, kinds))


_OPAQUE = p.ClassPlan | p.SymbolicOp


def _nodes(node: Any) -> Iterator[Any]:
    """A part of a `forward`, and everything inside it."""
    if isinstance(node, tuple):
        for entry in node:
            yield from _nodes(entry)
    elif type(node).__module__ == p.__name__ and not isinstance(node, _OPAQUE):
        yield node
        for each in fields(node):
            yield from _nodes(getattr(node, each.name))


def changed(node: Any, change: Callable[[Any], Any]) -> Any:
    """The same with `change` in place of what it knows; `None` leaves a part as it is."""
    new = change(node)
    if new is not None:
        return new
    if isinstance(node, tuple):
        return tuple(changed(entry, change) for entry in node)
    if type(node).__module__ != p.__name__ or isinstance(node, _OPAQUE):
        return node
    values = {each.name: changed(getattr(node, each.name), change) for each in fields(node)}
    return replace(node, **values)
