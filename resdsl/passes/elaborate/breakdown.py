"""Where the parameters and multiply-accumulates of a model are, for an expectation that fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from math import prod
from operator import index

from resdsl.expressions.nodes import Constant, Literal, Member, Name
from resdsl.ir.graph import Graph

#: Parts shown, of a model with more of them the first.
_SHOWN = 16
#: A part that holds more of the whole than this is opened.
_MOST = 0.75

#: The facts that are sums over items.
SUMS = ("params", "macs")


def sums_named(condition: object, graphs: Mapping[str, Graph]) -> list[tuple[str, str]]:
    """The models and facts that an expectation sums up: `("resnet50", "params")`, in order."""
    return list(dict.fromkeys(_named(condition, graphs)))


def _named(expression: object, graphs: Mapping[str, Graph]) -> Iterator[tuple[str, str]]:
    if isinstance(expression, Member) and isinstance(expression.base, Name):
        if expression.base.id in graphs and expression.name in SUMS:
            yield expression.base.id, expression.name
    elif isinstance(expression, tuple):
        yield from chain.from_iterable(_named(entry, graphs) for entry in expression)
    elif hasattr(expression, "__dataclass_fields__") and not isinstance(
        expression, Constant | Literal
    ):
        for name in expression.__dataclass_fields__:
            if name != "span":
                yield from _named(getattr(expression, name), graphs)


def notes_about(sums: list[tuple[str, str]], graphs: Mapping[str, Graph]) -> list[str]:
    """Where one model has what was summed up, or where two models part."""
    if len(sums) == 1:
        ((name, fact),) = sums
        parts = _parts(_items(graphs[name], fact))
        return [_table(f"{name}.{fact}", list(parts.items()))] if len(parts) > 1 else []
    if len(sums) == 2 and sums[0][1] == sums[1][1]:
        (one, fact), (other, _) = sums
        return [_parting(one, other, *(_items(graphs[n], fact) for n in (one, other)))]
    return []


def _items(graph: Graph, fact: str) -> dict[str, int]:
    """The items of a model that have any of it, by path, in the order they run in."""
    items: dict[str, int] = {}
    if fact == "macs":
        for node in graph.nodes:
            items[node.path] = index(node.op.macs(*(graph.types[i] for i in node.inputs)))
    else:
        for named in graph.weights:
            if named.weight.trainable:
                path = named.node.path
                items[path] = items.get(path, 0) + prod(named.weight.shape)
    return {path: count for path, count in items.items() if count}


def _table(title: str, rows: list[tuple[str, int]]) -> str:
    """The parts of a model, one to a line."""
    if len(rows) > _SHOWN:
        rest = rows[_SHOWN - 1 :]
        rows = [*rows[: _SHOWN - 1], (f"{len(rest)} more", sum(count for _, count in rest))]
    name_width = max(len(name) for name, _ in rows)
    width = max(len(f"{count:_}") for _, count in rows)
    lines = [f"{name:{name_width}}  {count:>{width}_}" for name, count in rows]
    return "\n".join([f"`{title}` is the sum of", *(f"  {line}" for line in lines)])


def _parts(items: dict[str, int]) -> dict[str, int]:
    """Items summed up by the first label of their paths; a part that is nearly all is opened."""
    opened: set[str] = set()
    while True:
        parts: dict[str, int] = {}
        for path, count in items.items():
            part = _part(path, opened)
            parts[part] = parts.get(part, 0) + count
        largest = max(parts, key=lambda p: parts[p], default="")
        whole = largest in items or largest in opened
        if not parts or whole or parts[largest] <= _MOST * sum(parts.values()):
            return parts
        opened.add(largest)


def _part(path: str, opened: set[str]) -> str:
    labels = path.split(".")
    for length in range(1, len(labels)):
        prefix = ".".join(labels[:length])
        if prefix not in opened:
            return prefix
    return path


def _parting(one: str, other: str, first: dict[str, int], second: dict[str, int]) -> str:
    """The first item that two models do not share."""
    for path in (*first, *second):
        left, right = first.get(path), second.get(path)
        if left is None or right is None:
            name, count = (one, left) if right is None else (other, right)
            return f"they part at `{path}`: {count:_} in `{name}`, and the other has no such item"
        if left != right:
            return f"they part at `{path}`: {left:_} in `{one}`, {right:_} in `{other}`"
    return f"`{one}` and `{other}` agree in every item"
