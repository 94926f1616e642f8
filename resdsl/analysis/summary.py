"""A network as a table: its layers, or the blocks and stages they stand in, with their costs.

Reads the graph alone. The command line prints it with Rich, the Python API as plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resdsl.ir.graph import Frame, Graph, Node
from resdsl.records import dataclass
from resdsl.types import TensorType


@dataclass(frozen=True, slots=True)
class Row:
    """A layer, or a scope with all that it holds."""

    path: str
    kind: str
    output: TensorType
    parameters: int
    macs: int

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """The row as text; what a layer does not have is left empty."""
        return (
            self.path,
            self.kind,
            str(self.output),
            f"{self.parameters:,}" if self.parameters else "",
            f"{self.macs:,}" if self.macs else "",
        )


HEADINGS = ("layer", "kind", "output", "parameters", "MACs")


@dataclass(frozen=True, slots=True)
class Summary:
    """The table of a network."""

    name: str
    rows: tuple[Row, ...]
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    parameters: int
    macs: int

    @property
    def total(self) -> str:
        """The last line: what it all comes to."""
        inputs, outputs = (", ".join(map(str, types)) for types in (self.inputs, self.outputs))
        return (
            f"{self.name}: {inputs} -> {outputs}, {self.parameters:,} parameters, "
            f"{self.macs:,} multiply-accumulates"
        )

    def __str__(self) -> str:
        lines = [HEADINGS, *(row.cells for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
        shown = (
            "  ".join(
                cell.rjust(width) if column > 2 else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )
        return "\n".join([*shown, "", self.total])


def summarize(graph: Graph, depth: int = 1) -> Summary:
    """The table of a network, scopes opened down to `depth` levels."""
    owned: dict[int, int] = {}
    for named in graph.weights:
        if named.weight.trainable:
            entries = 1
            for dimension in named.weight.shape:
                entries *= dimension
            owned[id(named.node)] = owned.get(id(named.node), 0) + entries
    table = _Table(graph, owned)
    return Summary(
        graph.name,
        tuple(table.rows(graph.nodes, "", depth, 0)),
        tuple(graph.input_types),
        tuple(graph.output_types),
        graph.parameters,
        graph.macs,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    graph: Graph
    #: Trainable entries by the identity of the node that owns them.
    owned: dict[int, int]

    def rows(self, nodes: Iterable[Node], prefix: str, depth: int, level: int) -> Iterator[Row]:
        """One row for each item beneath `prefix`; `level` counts the calls that led there."""
        for path, inside in _grouped(nodes, prefix).items():
            if len(inside) == 1 and inside[0].path == path:
                yield self._row(path, inside[0].op.name, inside)
                continue
            calls = _calls(inside, level)
            is_block = len(calls) == 1 and not _is_stage(path, calls[0])
            if depth > 1:
                # The blocks of a stage are beneath it, and come from the very same calls.
                yield from self.rows(inside, path, depth - 1, level + is_block)
            else:
                yield self._row(path, _kind(calls, is_block), inside)

    def _row(self, path: str, kind: str, nodes: list[Node]) -> Row:
        types = self.graph.types
        return Row(
            path,
            kind,
            types[nodes[-1].output],
            sum(self.owned.get(id(n), 0) for n in nodes),
            sum(n.op.macs(*(types[i] for i in n.inputs)) for n in nodes),
        )


def _grouped(nodes: Iterable[Node], prefix: str) -> dict[str, list[Node]]:
    """Nodes by the item beneath `prefix` that they belong to, in order."""
    start = len(prefix) + 1 if prefix else 0
    found: dict[str, list[Node]] = {}
    for node in nodes:
        end = node.path.find(".", start)
        found.setdefault(node.path if end < 0 else node.path[:end], []).append(node)
    return found


def _calls(nodes: list[Node], level: int) -> list[Frame]:
    """The calls of blocks, `level` deep from the outside, that make up the nodes; none where an
    operation among them stands in no such call."""
    found: dict[int, Frame] = {}
    for node in nodes:
        chain = list(node.origin.frame.chain()) if node.origin.frame is not None else []
        if len(chain) <= level:
            return []
        frame = chain[-1 - level]
        found[id(frame)] = frame
    return list(found.values())


def _is_stage(path: str, call: Frame) -> bool:
    """Whether an item made by one call is a stage of one block, rather than that block."""
    return bool(call.stage) and not path.rpartition(".")[2].isdigit()


def _kind(calls: list[Frame], is_block: bool) -> str:
    """`basic`, or `3 x basic` for a stage; nothing where it is no block."""
    names = {call.name for call in calls}
    if len(names) != 1:
        return ""
    return names.pop() if is_block else f"{len(calls)} x {names.pop()}"
