"""A network as a table: its layers, or the blocks and stages they stand in, with their costs.

Reads the graph alone. The command line prints it with Rich, the Python API as plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

from resdsl.analysis.activations import FLOAT32, kept_entries
from resdsl.analysis.op_text import op_text
from resdsl.analysis.structure import Item, Scope, structure
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass, replace
from resdsl.sizes import Dim, total
from resdsl.types import TensorType

#: Deeper than anything nests: every layer is shown.
EVERYTHING = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """A layer, or a scope with all that it holds, and with `rows` if it is opened."""

    path: str
    kind: str
    output: TensorType
    parameters: int
    macs: Dim
    #: Bytes that training keeps, for one sample in float32: see `activations`.
    activations: Dim
    rows: tuple[Row, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The row, and what is below it, as JSON has it."""
        found: dict[str, Any] = {
            "path": self.path,
            "kind": self.kind,
            "output": self.output.to_json(),
            "parameters": self.parameters,
            "macs": _known(self.macs),
            "activation_bytes": _known(self.activations),
        }
        if self.rows:
            found["rows"] = [row.to_json() for row in self.rows]
        return found


HEADINGS = ("layer", "kind", "output", "parameters", "%", "MACs", "%", "activations")
#: The columns from here on hold numbers.
NUMBERS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is printed: text by column, indented by its place in the tree."""

    cells: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """The table of a network."""

    name: str
    rows: tuple[Row, ...]
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    parameters: int
    macs: Dim
    #: Bytes that training keeps, for one sample in float32: see `activations`.
    activations: Dim

    @property
    def lines(self) -> tuple[Line, ...]:
        """The rows, those of opened scopes beneath them, as text."""
        return tuple(self._lines(self.rows, 0))

    @property
    def total(self) -> str:
        """What it all comes to, as papers quote it."""
        inputs, outputs = (", ".join(map(str, types)) for types in (self.inputs, self.outputs))
        head = f"{self.name}: {inputs} -> {outputs}\n"
        head += f"{quoted(self.parameters)} parameters ({self.parameters:,}), "
        weights = memory(FLOAT32 * self.parameters)
        if not isinstance(self.macs, int) or not isinstance(self.activations, int):
            return (
                f"{head}{weights} of weights in float32\n"
                "multiply-adds and activations depend on the input: `--input` gives one"
            )
        return (
            f"{head}{quoted(self.macs)} multiply-adds ({self.macs:,})\n"
            f"{weights} of weights and {memory(self.activations)} of activations kept for "
            "training, one sample in float32"
        )

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        return {
            "name": self.name,
            "inputs": [t.to_json() for t in self.inputs],
            "outputs": [t.to_json() for t in self.outputs],
            "parameters": self.parameters,
            "macs": _known(self.macs),
            "weight_bytes": FLOAT32 * self.parameters,
            "activation_bytes": _known(self.activations),
            "rows": [row.to_json() for row in self.rows],
        }

    def __str__(self) -> str:
        lines = [HEADINGS, *(line.cells for line in self.lines)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
        shown = (
            "  ".join(
                cell.rjust(width) if column >= NUMBERS else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )
        return "\n".join([*shown, "", self.total])

    def _lines(self, rows: Iterable[Row], level: int) -> Iterator[Line]:
        for row in rows:
            macs, activations = _known(row.macs), _known(row.activations)
            cells = (
                "  " * level + row.path,
                row.kind,
                str(row.output),
                f"{row.parameters:,}" if row.parameters else "",
                _share(row.parameters, self.parameters),
                f"{macs:,}" if macs else "",
                _share(macs, _known(self.macs)),
                memory(activations) if activations else "",
            )
            yield Line(cells, bool(row.rows))
            yield from self._lines(row.rows, level + 1)


def quoted(count: int) -> str:
    """A large number as papers quote it: `25.56 M`, `0.27 M`, `4.09 G`."""
    if count >= 10**9:
        return f"{count / 10**9:.2f} G"
    return f"{count / 10**6:.2f} M" if count >= 10**5 else f"{count:,}"


def memory(count: int) -> str:
    """Bytes as `97.5 MiB`, small ones as `8.0 KiB`."""
    size = count / 2**20
    if size < 0.1:
        return f"{count / 2**10:.1f} KiB"
    return f"{size:.1f} MiB" if size >= 10 else f"{size:.2f} MiB"


def summarize(graph: Graph, depth: int = 1, layers: bool = False) -> Summary:
    """The table of a network, scopes opened down to `depth` levels; with `layers`, all of them.

    Only with `layers` are those shown that own no weights, compute no products and leave the shape
    alone, such as relus; what they keep for training is counted with the layer before them.
    """
    table = _Table(graph, _owned(graph), kept_entries(graph), hides=not layers)
    rows = tuple(table.rows(structure(graph).items, EVERYTHING if layers else depth))
    return Summary(
        graph.name,
        rows,
        tuple(graph.input_types),
        tuple(graph.output_types),
        graph.parameters,
        graph.macs,
        total(FLOAT32 * entries for entries in table.kept.values()),
    )


def _owned(graph: Graph) -> dict[int, int]:
    """Trainable entries by the identity of the node that owns them."""
    owned: dict[int, int] = {}
    for named in graph.weights:
        if named.weight.trainable:
            entries = prod(named.weight.shape)
            owned[id(named.node)] = owned.get(id(named.node), 0) + entries
    return owned


def _known(count: Dim) -> int | None:
    """A count, unless it depends on sizes that are known at run time only."""
    return count if isinstance(count, int) else None


def _share(part: int | None, whole: int | None) -> str:
    return f"{100 * part / whole:.1f}" if part and whole else ""


def _with(row: Row, activations: Dim) -> Row:
    """A row that keeps more, and with it the last of those it is opened to."""
    rows = row.rows and (*row.rows[:-1], _with(row.rows[-1], activations))
    return replace(row, activations=row.activations + activations, rows=rows)


@dataclass(frozen=True, slots=True)
class _Table:
    graph: Graph
    owned: dict[int, int]
    kept: dict[int, Dim]
    hides: bool

    def rows(self, items: Iterable[Item], depth: int) -> Iterator[Row]:
        """One row for each item that is shown, hidden ones added to the row before."""
        last: Row | None = None
        waiting: Dim = 0
        for item in items:
            row = self._row(item, depth)
            if self.hides and self._is_hidden(item):
                if last is None:
                    waiting += row.activations
                else:
                    last = _with(last, row.activations)
                continue
            if last is not None:
                yield last
            last, waiting = _with(row, waiting), 0
        if last is not None:
            yield last

    def _row(self, item: Item, depth: int) -> Row:
        types = self.graph.types
        nodes: tuple[Node, ...] = item.nodes if isinstance(item, Scope) else (item,)
        opened: tuple[Row, ...] = ()
        if isinstance(item, Scope):
            kind = item.text
            opened = tuple(self.rows(item.items, depth - 1)) if depth > 1 else ()
        else:
            kind = op_text(item.op, types[item.inputs[0]], types[item.output])
        return Row(
            item.path,
            kind,
            types[nodes[-1].output],
            sum(self.owned.get(id(n), 0) for n in nodes),
            total(n.op.macs(*(types[i] for i in n.inputs)) for n in nodes),
            total(FLOAT32 * self.kept.get(id(n), 0) for n in nodes),
            opened,
        )

    def _is_hidden(self, item: Item) -> bool:
        if isinstance(item, Scope):
            return False
        types = self.graph.types
        return (
            id(item) not in self.owned
            and item.op.macs(*(types[i] for i in item.inputs)) == 0
            and types[item.output] == types[item.inputs[0]]
        )
