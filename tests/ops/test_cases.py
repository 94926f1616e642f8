"""The case files of all operations: what they expect holds, and the source made of them is the one
that was reviewed. What it computes is compared in `tests/backends/test_*_ops.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cases import FOLDER, OPERATIONS, Case, checked, every_case, review
from compiled import source_of
from constructed import check_constructor
from stubs import MODULES

from resdsl.ops import OPS

SOURCES = ("torch", "jax", "tensorflow")


def test_every_operation_has_a_file() -> None:
    assert sorted(OPS) == OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS)
def test_all_is_well_with_the_file(operation: str) -> None:
    found = checked(operation)
    assert [d.message for d in found.diagnostics] == []
    assert found.graphs and found.program is not None
    assert found.program.expectations, "an output shape or a number of parameters"
    assert (FOLDER / f"{operation}.res").read_text().startswith(f"# {operation}: ")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_it_stands_in_a_class_and_in_a_sequence(operation: str) -> None:
    kind = OPS[operation]
    places = {
        specialization.block.is_sequence
        for graph in checked(operation).graphs.values()
        for specialization, statement in graph.facts
        if getattr(statement, "kind", None) is kind
    }
    chains = kind.takes_current and not (kind.is_join or kind.is_list or kind.bare_weight)
    assert places == ({False, True} if chains else {False})


@pytest.mark.parametrize("backend", SOURCES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_source_is_the_one_reviewed(operation: str, backend: str, golden: Any) -> None:
    golden(FOLDER / f"{operation}.{backend}.py", review(operation, backend))


@pytest.mark.parametrize("backend", SOURCES)
def test_ruff_has_nothing_to_say(backend: str, tmp_path: Path) -> None:
    for operation in OPERATIONS:
        for model, graph in checked(operation).graphs.items():
            path = tmp_path / f"{operation}_{model}.py"
            path.write_text(source_of(graph, backend))
    settings = Path(__file__).parents[2] / "pyproject.toml"
    for command in (["format", "--check"], ["check", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", settings, "--no-cache", tmp_path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("backend", MODULES)
@every_case()
def test_constructors_make_what_was_elaborated(case: Case, backend: str) -> None:
    check_constructor(case.graph, case.graph, backend)
