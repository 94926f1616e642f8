"""The difference of two networks as a whole: changes, and the facts of both side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.analysis.differences.align import Alignment, align
from resdsl.analysis.differences.compare import Change, changes
from resdsl.analysis.differences.words import plural
from resdsl.analysis.summary import quoted
from resdsl.ir.graph import Graph, NamedWeight
from resdsl.records import dataclass
from resdsl.sizes import Dim
from resdsl.types import TensorType

_RENAMES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of one network beside the other."""

    name: str
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    parameters: int
    macs: Dim

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON has them."""
        return {
            "name": self.name,
            "inputs": [t.to_json() for t in self.inputs],
            "outputs": [t.to_json() for t in self.outputs],
            "parameters": self.parameters,
            "macs": self.macs if isinstance(self.macs, int) else None,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Two networks and all that differs between them."""

    facts: tuple[Facts, Facts]
    changes: tuple[Change, ...]
    #: The first weight whose shape differs or that only one network has; empty if all are equal.
    shapes: str
    #: Weights under another name, by the part of the name that changed.
    renamed: tuple[tuple[str, str, int], ...]

    @property
    def is_equal(self) -> bool:
        """Whether the networks mean the same, down to the names of their weights."""
        return not (self.changes or self.shapes or self.renamed or self._differ_in_types())

    @property
    def verdict(self) -> str:
        """The result in one line."""
        if self.is_equal:
            return "no difference in meaning"
        if self.renamed and not (self.changes or self.shapes or self._differ_in_types()):
            return "the same network under other weight names"
        return f"{plural(max(len(self.changes), 1), 'difference')} in meaning"

    def _differ_in_types(self) -> bool:
        one, other = self.facts
        return (one.inputs, one.outputs) != (other.inputs, other.outputs)

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        return {
            "equal": self.is_equal,
            "a": self.facts[0].to_json(),
            "b": self.facts[1].to_json(),
            "changes": [
                {"kind": c.kind, "text": c.text, "places": c.places, **c.detail}
                for c in self.changes
            ],
            "parameter_shapes_equal": not self.shapes,
            "first_shape_difference": self.shapes or None,
            "renamed_weights": [
                {"a": before, "b": after, "weights": count} for before, after, count in self.renamed
            ],
        }

    def __str__(self) -> str:
        one, other = self.facts
        lines = [f"{one.name} -> {other.name}", ""]
        lines += [f"  {change.text}" for change in self.changes]
        lines += [""] if self.changes else []
        table = list(self._table())
        width = max(len(name) for name, _ in table)
        lines += [f"  {name:{width}}  {text}" for name, text in table]
        return "\n".join([*lines, "", self.verdict])

    def _table(self) -> Iterator[tuple[str, str]]:
        one, other = self.facts
        yield "inputs", _both(_types(one.inputs), _types(other.inputs))
        yield "outputs", _both(_types(one.outputs), _types(other.outputs))
        yield "parameters", _both(f"{one.parameters:,}", f"{other.parameters:,}")
        yield "multiply-adds", _both(_count(one.macs), _count(other.macs), one.macs == other.macs)
        yield "parameter shapes", self.shapes or "equal"
        yield "weight names", self._renames() or "equal"

    def _renames(self) -> str:
        if not self.renamed:
            return ""
        count = sum(count for _, _, count in self.renamed)
        shown = [f"{before} -> {after}" for before, after, _ in self.renamed[:_RENAMES_SHOWN]]
        more = len(self.renamed) - len(shown)
        return f"renamed: {', '.join(shown)}{f', and {more} more' if more else ''} ({count} names)"


def _count(macs: Dim) -> str:
    return quoted(macs) if isinstance(macs, int) else "depend on the input"


def _types(types: tuple[TensorType, ...]) -> str:
    return ", ".join(map(str, types))


def _both(before: str, after: str, is_same: bool = True) -> str:
    if before != after:
        return f"{before} -> {after}"
    return before if is_same else f"{before} (not exactly equal)"


def difference(one: Graph, other: Graph) -> Report:
    """Compare two networks."""
    found = align(one, other)
    shapes, renamed = _weights(one, other, found)
    return Report((_facts(one), _facts(other)), tuple(changes(one, other, found)), shapes, renamed)


def _facts(graph: Graph) -> Facts:
    types = tuple(graph.input_types), tuple(graph.output_types)
    return Facts(graph.name, *types, graph.parameters, graph.macs)


def _weights(
    one: Graph, other: Graph, found: Alignment
) -> tuple[str, tuple[tuple[str, str, int], ...]]:
    """The first difference in shapes, and the renamed parts of names with how many they concern."""
    owned, owned_by_other = _owned(one), _owned(other)
    renamed: dict[tuple[str, str], int] = {}
    shapes = ""
    matched: set[str] = set()
    for a, b in found.nodes:
        named, others = owned.get(id(a), []), owned_by_other.get(id(b), [])
        for before, after in zip(named, others, strict=False):
            matched |= {f"a {before.name}", f"b {after.name}"}
            if before.weight.shape != after.weight.shape and not shapes:
                sizes = (_shape(before), _shape(after))
                shapes = f"not equal: {before.name} is {sizes[0]} -> {sizes[1]} first"
            for parts in _changed_parts(before.name, after.name):
                renamed[parts] = renamed.get(parts, 0) + 1
    for side, graph in (("a", one), ("b", other)):
        alone = [w for w in graph.weights if f"{side} {w.name}" not in matched]
        if alone and not shapes:
            where = f"only {graph.name} has {alone[0].name} ({_shape(alone[0])})"
            more = f" and {len(alone) - 1} more" if len(alone) > 1 else ""
            shapes = f"not equal: {where}{more}"
    return shapes, tuple((before, after, n) for (before, after), n in renamed.items())


def _owned(graph: Graph) -> dict[int, list[NamedWeight]]:
    owned: dict[int, list[NamedWeight]] = {}
    for named in graph.weights:
        owned.setdefault(id(named.node), []).append(named)
    return owned


def _shape(named: NamedWeight) -> str:
    return " x ".join(map(str, named.weight.shape))


def _changed_parts(before: str, after: str) -> list[tuple[str, str]]:
    """The part of a name that changed, without what is equal at its ends."""
    if before == after:
        return []
    one, other = before.split("."), after.split(".")
    while len(one) > 1 and len(other) > 1 and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return [(".".join(one), ".".join(other))]
