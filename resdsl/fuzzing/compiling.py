"""Texts of random networks become graphs here, by the compiler as everybody uses it."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from resdsl.diagnostics import CompileError, Source
from resdsl.ir.graph import Graph, Node
from resdsl.parity.inputs import sized
from resdsl.passes.elaborate import elaborate
from resdsl.passes.elaborate.boundary import InputShape
from resdsl.passes.load import Target, elaborate_with, pick_model
from resdsl.passes.resolve import resolve
from resdsl.records import dataclass
from resdsl.syntax import parse
from resdsl.syntax.formatter import format_source
from resdsl.types import TensorType

#: Operations of one network: a larger one takes longer, and tells as much as two small ones.
NODES = 60
#: Multiply-accumulates of one sample.
MACS = 2_000_000
#: Sizes that are tried for those that a network leaves to the run time.
SIDES = (6, 8, 12, 16, 24, 32)
#: Fewest entries that a normalization may take a variance of: of two it is a sign, of one nothing,
#: and a gradient of nothing is rounding.
ENTRIES = 4


class Crash(Exception):
    """The compiler failed on a text in another way than by a diagnostic."""

    def __init__(self, text: str, failure: Exception) -> None:
        super().__init__(f"{type(failure).__name__}: {failure}")
        self.text = text
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where texts are compiled: in `folder`, from which imports lead to files inside `root`."""

    folder: Path
    root: str | None = None

    def source(self, text: str) -> Source:
        """A text as the file that it would be."""
        return Source("net.res", text, str(self.folder / "net.res"))

    def laid_out(self, text: str) -> str:
        """The text in the one canonical layout."""
        return format_source(self.source(text))

    def graph(self, text: str) -> Graph:
        """The network of a text, with numbers for sizes. Raises `CompileError`, or `Crash`."""
        try:
            return self._graph(text)
        except CompileError:
            raise
        except Exception as failure:
            raise Crash(text, failure) from failure

    def _graph(self, text: str) -> Graph:
        program = resolve(parse(self.source(text)), self.root)
        model = pick_model(program, Target("net.res"))
        declared = elaborate_with(program, model)
        if declared.is_sized:
            return declared

        def at(shape: InputShape | None) -> Graph:
            return elaborate(program, model, {}, shape)

        return replace(sized(declared, at, SIDES), declared=declared)

    def probe(self, text: str) -> TensorType | None:
        """The type that a text's model leaves, if it is a network whose numbers say something."""
        try:
            graph = self.graph(text)
        except CompileError:
            return None
        return (graph.declared or graph).output_types[0] if tells(graph) else None


def tells(graph: Graph) -> bool:
    """Whether a network is small enough to run, and no variance is taken of next to nothing."""
    if len(graph.nodes) > NODES or not isinstance(graph.macs, int) or graph.macs > MACS:
        return False
    return all(_entries(node, graph.types[node.inputs[0]]) >= ENTRIES for node in graph.nodes)


def _entries(node: Node, x: TensorType) -> int:
    """How many entries a node normalizes together; enough where it normalizes none."""
    op: Any = node.op
    if op.name == "layer_norm":
        return x.channels
    if op.name == "group_norm":
        return prod(x.numbers) // int(op.groups)
    if op.name == "conv" and op.standardize:
        return prod(node.op.weights(x)[0].shape[1:])
    return ENTRIES
