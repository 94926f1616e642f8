"""From the text of a `.res` file to a graph, to generated source, and to a live PyTorch model.

Shared by the tests of code generation. No framework is imported here.
"""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resdsl.codegen.backend import get_backend
from resdsl.diagnostics import Source
from resdsl.expressions.simplify import literal
from resdsl.ir import Program
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate import elaborate
from resdsl.passes.resolve import resolve
from resdsl.syntax import parse

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def program_of(text: str, name: str = "net.res") -> Program:
    """A resolved file."""
    return resolve(parse(Source(name, text)))


def example(file: str) -> Program:
    """A file of examples/."""
    path = EXAMPLES / file
    return resolve(parse(Source(file, path.read_text(), str(path))))


def graph_of(
    program: Program | str,
    model: str | None = None,
    shape: tuple[int, ...] | None = None,
    **arguments: Any,
) -> Graph:
    """One model (the last, unless named) with arguments changed."""
    if isinstance(program, str):
        program = program_of(program)
    name = model or list(program.models)[-1]
    overrides = {key: literal(value) for key, value in arguments.items()}
    return elaborate(program, name, overrides, shape)


def source_of(graph: Graph, backend: str = "torch") -> str:
    """The file that a backend writes."""
    emit = get_backend(backend).emit
    assert emit is not None
    return emit(graph)


def definitions(source: str) -> dict[str, Any]:
    """What a generated file defines, run as a module."""
    names: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "generated.py", "exec"), names)
    return names


def model_class(names: Mapping[str, Any]) -> type:
    """The model's class: the last one that the file defines."""
    own = [v for v in names.values() if isinstance(v, type) and v.__module__ == "generated"]
    return own[-1]


def canonical(graph: Graph) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights, in order."""
    return {w.name: w.weight.shape for w in graph.weights}


def lines_over(source: str, width: int = 100) -> list[str]:
    """Lines that are too long."""
    return [line for line in source.splitlines() if len(line) > width]


def pairs(values: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Neighbours, for tests of order."""
    return list(itertools.pairwise(values.items()))
