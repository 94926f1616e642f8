"""The cases of operations: `tests/ops/cases/<operation>.res`, where every model is one case.

A file is all that an operation's tests are written in. Here it is read and elaborated; what is
asked of each case stands in `tests/ops/test_cases.py` and in `tests/backends/test_*_ops.py`. No
framework is imported here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from compiled import source_of

from resdsl.diagnostics import Source
from resdsl.ir.graph import Graph
from resdsl.ops import OPS
from resdsl.ops.activation import Activation
from resdsl.passes.check import Checked, check_source

FOLDER = Path(__file__).resolve().parents[1] / "ops" / "cases"
FILES = sorted(FOLDER.glob("*.res"))
OPERATIONS = [path.stem for path in FILES]
#: Where the derivative of some activation jumps.
BENDS = (0.0, 3.0, -3.0, 6.0, -6.0)


@cache
def checked(operation: str) -> Checked:
    """One file with all its models elaborated and its expectations checked."""
    path = FOLDER / f"{operation}.res"
    return check_source(Source(path.name, path.read_text()))


@dataclass(frozen=True)
class Case:
    """One model of a case file."""

    operation: str
    model: str

    @property
    def graph(self) -> Graph:
        return checked(self.operation).graphs[self.model]

    def bent(self, x: Any) -> Any:
        """An input (of NumPy or PyTorch) for an activation: some of it where activations bend."""
        if issubclass(OPS[self.operation], Activation):
            entries = x.reshape(-1)
            for start, bend in enumerate(BENDS):
                entries[start::9] = bend
        return x

    def __str__(self) -> str:
        return f"{self.operation}:{self.model}"


@cache
def cases() -> tuple[Case, ...]:
    """Every case, in the order of the files and of the models in them."""
    return tuple(Case(name, model) for name in OPERATIONS for model in checked(name).graphs)


def every_case() -> Any:
    """The decorator of a test that takes each `case`."""
    return pytest.mark.parametrize("case", cases(), ids=str)


# ---- generated source ----------------------------------------------------------------------------

#: What a generated file ends with, alike for all networks: it is reviewed in `tests/golden`.
EPILOGUE = {
    "OneKey",
    "load",
    "load_weights",
    "named_layers",
    "named_weights",
    "save_weights",
}
#: What a file holds for all its layers of a kind: it is reviewed with that operation alone.
SHARED = {
    "conv": "conv",
    "Conv1D": "conv",
    "Conv2D": "conv",
    "Conv3D": "conv",
    "conv_transpose": "conv_transpose",
    "Conv1DTranspose": "conv_transpose",
    "Conv2DTranspose": "conv_transpose",
    "Conv3DTranspose": "conv_transpose",
    "linear": "linear",
    "Dense": "linear",
    "BatchNorm": "batch_norm",
}


def definitions_in(source: str, operation: str) -> Iterator[str]:
    """The helpers, constants and classes of a generated file that are about an operation."""
    lines = source.splitlines()
    end = 0
    for node in ast.parse(source).body:
        start, end = end, node.end_lineno or 0
        names = {getattr(node, "name", None), *map(_target, getattr(node, "targets", ()))}
        others = {n for n in names if SHARED.get(n, operation) != operation}
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Assign):
            continue
        if not (names & EPILOGUE or others):
            # What stands above a definition belongs to it: decorators, comments.
            yield "\n".join(lines[start:end]).strip("\n")


def _target(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def review(operation: str, backend: str) -> str:
    """What to read of the generated source of one file: each definition once, model by model."""
    text = f"# Written by `make golden` from {operation}.res: classes and what they use.\n"
    shown: set[str] = set()
    for model, graph in checked(operation).graphs.items():
        source = definitions_in(source_of(graph, backend), operation)
        new = [d for d in source if d not in shown]
        shown.update(new)
        text += f"\n\n# ---- {model} ".ljust(90, "-") + "\n"
        text += "".join(f"\n\n{definition}\n" for definition in new)
    return text


# ---- random numbers of the frameworks' own -------------------------------------------------------

#: A network that is stochastic depth alone.
DEPTH = "model net { input(4, 2, 3); drop_path(0.5) }"


def check_depth(y: Any) -> None:
    """What became of 64 samples of ones (of shape 64, then whatever): all of each, or none."""
    flat = y.reshape(64, -1)
    assert ((flat == 0) | (flat == 2)).all()
    assert (flat == flat[:, :1]).all()
    assert 10 < (flat[:, 0] == 2).sum() < 54
