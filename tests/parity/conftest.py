"""Networks for the tests of parity, from `small.res` or from a text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl.diagnostics import Source
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate import elaborate
from resdsl.passes.load import load_program
from resdsl.passes.resolve import resolve
from resdsl.syntax import parse

FILE = Path(__file__).with_name("small.res")


@pytest.fixture
def small() -> Graph:
    return elaborate(load_program(str(FILE)), "small")


@pytest.fixture
def dense() -> Graph:
    return elaborate(load_program(str(FILE)), "dense")


@pytest.fixture
def network() -> Callable[[str], Graph]:
    """`network("input(3, 8, 8); conv(4, 3)")`: a model of that body."""

    def make(body: str) -> Graph:
        program = resolve(parse(Source("net.res", f"model net {{\n{body}\n}}\n")))
        return elaborate(program, "net")

    return make
