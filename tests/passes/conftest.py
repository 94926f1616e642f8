"""Short ways from a text to what the passes make of it."""

from collections.abc import Callable

import pytest

from resdsl import ir
from resdsl.diagnostics import CompileError, Diagnostic, Source
from resdsl.ir.graph import Graph
from resdsl.passes.check import check_source
from resdsl.passes.elaborate import elaborate
from resdsl.passes.load import settings_of
from resdsl.passes.resolve import resolve
from resdsl.syntax import parse


def program_of(text: str) -> ir.Program:
    return resolve(parse(Source("net.res", text)))


def whole(text: str) -> str:
    """A whole file as it is; `definitions === statements` with the statements in a model."""
    definitions, marker, body = text.partition("===")
    if not marker:
        return text
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{definitions}\nmodel net {{\n    input(3, 8, 8)\n{lines}}}\n"


@pytest.fixture
def program() -> Callable[[str], ir.Program]:
    return program_of


@pytest.fixture
def graph() -> Callable[..., Graph]:
    """`graph(text, model, "classes=10", input=(3, 8, 8))`

    A text is a file, or definitions, `===`, and what a model does with its input.
    """

    def build(
        text: str, model: str = "net", *settings: str, input: tuple[int, ...] | None = None
    ) -> Graph:
        resolved = program_of(whole(text))
        return elaborate(resolved, model, settings_of(resolved, settings), input)

    return build


@pytest.fixture
def names(graph: Callable[..., Graph]) -> Callable[..., list[str]]:
    """Names of the items that have weights, in order."""

    def find(text: str) -> list[str]:
        found = [w.name.rpartition(".")[0] for w in graph(text).weights]
        return list(dict.fromkeys(found))

    return find


@pytest.fixture
def output(graph: Callable[..., Graph]) -> Callable[..., tuple[int, ...]]:
    """The shape that a model leaves."""
    return lambda text: graph(text).output_types[0].shape


@pytest.fixture
def found() -> Callable[[str], list[Diagnostic]]:
    """Everything that is said about a file."""
    return lambda text: check_source(Source("net.res", whole(text))).diagnostics


@pytest.fixture
def codes(found: Callable[[str], list[Diagnostic]]) -> Callable[[str], list[str]]:
    """The codes of everything that is said about a file."""
    return lambda text: [diagnostic.code for diagnostic in found(text)]


@pytest.fixture
def refused(graph: Callable[..., Graph]) -> Callable[..., str]:
    """The code of the one error that building a model gives."""

    def build(text: str, model: str = "net", *settings: str) -> str:
        with pytest.raises(CompileError) as caught:
            graph(text, model, *settings)
        (diagnostic,) = caught.value.diagnostics
        return diagnostic.code

    return build
