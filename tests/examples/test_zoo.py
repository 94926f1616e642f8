"""The zoo: every published figure, generated files that need no mending, and agreement.

Agreement of all networks is `make zoo`; the smallest of a few families run here, others each day.
"""

import json
import os
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from resdsl.api import load
from resdsl.codegen.backend import backend_names, get_backend
from resdsl.parity import Settings, run
from resdsl.parity.inputs import load_network
from resdsl.passes.check import Checked, check
from resdsl.passes.load import complete_models, load_program
from tests.parity_all import batch_for

ROOT = Path(__file__).resolve().parents[2]
ZOO = sorted((ROOT / "examples" / "zoo").glob("*.res"))
NETWORKS = [f"{f.name}:{m}" for f in ZOO for m in complete_models(load_program(str(f)))]
SOURCES = [name for name in backend_names() if get_backend(name).emit is not None]
#: Families in a day's part.
PART = 2
#: The day that has the first part.
FIRST_DAY = date(2026, 11, 3)


@cache
def checked(file: Path) -> Checked:
    return check(str(file))


def todays_part() -> list[Path]:
    """A few families, chosen by the day, or by `ZOO_PART=7` to repeat one."""
    days = (date.today() - FIRST_DAY).days
    part = int(os.environ.get("ZOO_PART", days))
    return [ZOO[(PART * part + i) % len(ZOO)] for i in range(PART)]


def smallest(file: Path) -> str:
    """The network of a family with the fewest operations."""
    graphs = checked(file).graphs
    return min(graphs, key=lambda name: len(graphs[name].nodes))


@pytest.mark.parametrize("file", ZOO, ids=lambda f: f.stem)
def test_a_family_is_sound_and_has_its_figures(file: Path) -> None:
    found = checked(file)
    assert not found.diagnostics
    assert found.program is not None
    assert found.program.doc, "the paper stands at the head of the file"
    assert any(e.models for e in found.program.expectations)


@pytest.mark.parametrize("file", ZOO, ids=lambda f: f.stem)
def test_a_family_is_short(file: Path) -> None:
    lines = file.read_text().splitlines()
    assert len(lines) <= 80
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("backend", SOURCES)
def test_generated_files_need_no_mending(backend: str, tmp_path: Path) -> None:
    for network in NETWORKS:
        text = load(ROOT / "examples" / "zoo" / network).source(backend)
        (tmp_path / f"{network.replace('.res:', '_')}_{backend}.py").write_text(text)
    for command in (["format", "--check"], ["check"]):
        settings = ["--config", str(ROOT / "pyproject.toml")]
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_generated_pytorch_has_sound_types(tmp_path: Path) -> None:
    for network in NETWORKS:
        text = load(ROOT / "examples" / "zoo" / network).source("torch")
        (tmp_path / f"{network.replace('.res:', '_')}_torch.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--check-untyped-defs", "--cache-dir", ".mypy", "."],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("network", NETWORKS)
def test_onnx_has_a_rule_for_all_of_it(network: str, tmp_path: Path) -> None:
    graph = load_network(str(ROOT / "examples" / "zoo" / network))
    export = get_backend("onnx").export
    assert export is not None
    export(graph, tmp_path / "network.onnx")
    assert (tmp_path / "network.onnx").stat().st_size > 0


@pytest.mark.parametrize("file", todays_part(), ids=lambda f: f.stem)
def test_the_day_s_part_agrees(file: Path) -> None:
    graph = load_network(f"{file}:{smallest(file)}")
    report = run(graph, Settings(steps=1, batch=batch_for(graph)))
    assert report.agreed, json.dumps(report.to_json(), indent=1)
