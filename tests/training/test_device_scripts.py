"""Scripts for several processes as they are printed: one of each framework kept and read in review,
and what holds of all of them."""

import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from compiled import example, graph_of
from devices import BACKENDS, LOCAL, NETWORK, POPULATION, ROOT, SYNCHRONIZED, write_scripts
from trainers import CIFAR, EVERYTHING, tiny

from resdsl.codegen.backend import get_backend
from resdsl.recipes.recipe import BATCH_NORMS
from resdsl.records import replace

GOLDEN = ROOT / "tests" / "golden" / "trainers"
RECIPES = {"local": LOCAL, "all": SYNCHRONIZED["all"], "cifar": CIFAR, "everything": EVERYTHING}


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_script_is_the_one_reviewed(backend: str, golden: Any) -> None:
    emit = get_backend(backend).emit_distributed_trainer
    assert emit is not None
    graph = graph_of(example("resnet_cifar.res"), "resnet20")
    text = emit(graph, replace(CIFAR, batch_norm="synchronized"))
    golden(GOLDEN / f"resnet20_cifar10_distributed_{backend}.py", text)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_ruff_has_nothing_to_say(recipe: str, backend: str, tmp_path: Path) -> None:
    settings = ["--config", str(ROOT / "pyproject.toml")]
    for number, (text, part) in enumerate(product((NETWORK, POPULATION), BATCH_NORMS)):
        folder = tmp_path / str(number)
        folder.mkdir()
        graph = tiny(text.replace("2, 6, 6", "3, 8, 8"))
        write_scripts(graph, replace(RECIPES[recipe], batch_norm=part), backend, folder, 2)
        for command in (["format", "--check"], ["check", "--quiet", "--ignore", "T201"]):
            run("ruff", *command, *settings, ".", folder=folder)


def test_types_are_sound(tmp_path: Path) -> None:
    cache = ["--cache-dir", str(ROOT / ".mypy_cache" / "scripts")]
    options = ["--check-untyped-defs", "--disable-error-code", "import-untyped", *cache]
    write_scripts(tiny(NETWORK), SYNCHRONIZED["all"], "torch", tmp_path, 2)
    run("mypy", *options, ".", folder=tmp_path)


def run(tool: str, *arguments: str, folder: Path) -> None:
    """A tool that must have no complaint about a folder."""
    command = [sys.executable, "-m", tool, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
