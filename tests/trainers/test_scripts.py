"""Printed training scripts, kept and read in review; and what holds of every one of them."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiled import example, graph_of
from trainers import CIFAR, EVERYTHING, ROWS, TINY, import_files, script_of, write_files

from resdsl.codegen.backend import get_backend
from resdsl.diagnostics import CompileError
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Arrays, CutMix, Digits, OneCycle, Recipe, Schedule, Sgd, Synthetic
from resdsl.records import replace

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "trainers"
#: Backends with trainers.
BACKENDS = ("torch", "jax", "tensorflow")

#: Rows of numbers, a schedule of its own kind, and weights that no rule tells apart.
TABULAR = Recipe(
    "tabular",
    Arrays("rows.npz", 64),
    Schedule(OneCycle(), 30, "epochs"),
    Sgd(0.05, 0.9, nesterov=True, weight_decay=5e-4, no_decay=("norm",)),
)
CASES = {
    "resnet20_cifar10": ("resnet_cifar.res", "resnet20", CIFAR),
    "tiny_everything": (TINY, "tiny", EVERYTHING),
    "rows_tabular": (ROWS, "rows", TABULAR),
}


def graph(case: str) -> Graph:
    """The network of a case."""
    source, model, _ = CASES[case]
    return graph_of(example(source) if source.endswith(".res") else source, model)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES)
def test_the_script_is_the_one_reviewed(case: str, backend: str, golden: Any) -> None:
    golden(GOLDEN / f"{case}_{backend}.py", script_of(graph(case), CASES[case][2], backend))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES)
def test_ruff_has_nothing_to_say(case: str, backend: str, tmp_path: Path) -> None:
    """Beside the model's file, which is one of the author's own to it."""
    write_files(graph(case), CASES[case][2], backend, tmp_path)
    for command in (["format", "--check"], ["check", "--quiet", "--ignore", "T201"]):
        settings = ["--config", str(ROOT / "pyproject.toml")]
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings, "."],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES)
def test_types_are_sound(case: str, backend: str, tmp_path: Path) -> None:
    write_files(graph(case), CASES[case][2], backend, tmp_path)
    # scikit-learn has no annotations, and Flax's norms have more arguments and may lack weights.
    options = ["--check-untyped-defs", "--disable-error-code", "import-untyped"]
    if backend == "jax":
        options += ["--disable-error-code", "override", "--disable-error-code", "index"]
    cache = ["--cache-dir", str(ROOT / ".mypy_cache" / "scripts")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *cache, "."],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES)
def test_it_stands_alone(case: str, backend: str) -> None:
    tree = ast.parse(script_of(graph(case), CASES[case][2], backend))
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert not any(module is None or module.startswith(("resdsl", "grain")) for module in modules)


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_trains_on_the_digits_and_goes_on(backend: str, tmp_path: Path) -> None:
    """In a folder with nothing but its two files, where resdsl cannot be imported."""
    recipe = replace(EVERYTHING, data=Digits(batch=480), precision="float32")
    script = write_files(graph_of(TINY, "tiny", classes=10), recipe, backend, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    text = run(script, "--steps", "5", "--save", "whole.safetensors")
    assert "step 2 of 5: loss " in text and "step 5 of 5: loss " in text
    run(script, "--steps", "4", "--save", "part.safetensors")
    run(script, "--steps", "5", "--resume", "part.safetensors", "--save", "rest.safetensors")
    whole, rest = (tmp_path / f"{name}.safetensors" for name in ("whole", "rest"))
    assert whole.read_bytes() == rest.read_bytes()
    assert not list(tmp_path.glob("*.unfinished"))


def run(script: Path, *arguments: str) -> str:
    """What a script prints on one thread, without resdsl."""
    start = (
        "import runpy, sys; sys.modules['resdsl'] = None; sys.argv = sys.argv[1:]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", start, script.name, *arguments],
        capture_output=True,
        text=True,
        cwd=script.parent,
        env={**os.environ, "PYTHONPATH": "", "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_takes_arrays_of_a_file(backend: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 130), ("test", 7)):
        arrays[f"{part}_images"] = rng.standard_normal((count, 16))
        arrays[f"{part}_labels"] = rng.integers(4, size=count).astype(np.int32)
    np.savez(tmp_path / "rows.npz", **arrays)
    script = write_files(graph("rows_tabular"), TABULAR, backend, tmp_path)
    text = run(script, "--data", "rows.npz", "--steps", "3")
    assert [line.partition(":")[0] for line in text.splitlines()] == ["step 2 of 3", "step 3 of 3"]


@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_two_kinds_of_synchronized_batch_norms_are_refused(backend: str) -> None:
    norms = 'batch_norm; batch_norm(variance = "population")'
    network = graph_of(f"model net {{ input(3, 8, 8); {norms}; global_avg_pool; linear(10) }}")
    emit = get_backend(backend).trainer(True)
    assert emit is not None
    recipe = replace(CIFAR, batch_norm="synchronized")
    with pytest.raises(CompileError, match="keep one variance") as caught:
        emit(network, recipe)
    assert [d.code for d in caught.value.diagnostics] == ["R0861"]
    assert emit(network, CIFAR)


@pytest.mark.parametrize(
    ("source", "recipe", "words"),
    [
        ("a: input(4); b: input(4); add(a, b); linear(2)", TABULAR, "2 inputs"),
        ("input(4); a: linear(2); b: linear(2); output(a, b)", TABULAR, "2 outputs"),
        ("input(3, 8, 8); conv(4, 3)", CIFAR, "is 4 x 8 x 8, not one number a class"),
        ("input(4); linear(2)", CIFAR, "transforms images"),
        ("input(4); linear(2)", replace(TABULAR, mix=CutMix()), "transforms images"),
        ("input(4); linear(2)", replace(TABULAR, data=Digits()), "sequences of 64 or rows of 64"),
        (
            "input(3, any, any); global_avg_pool; linear(10)",
            replace(CIFAR, data=Synthetic()),
            "has no size",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(source: str, recipe: Recipe, words: str) -> None:
    network = graph_of(f"model net {{ {source} }}")
    for backend in BACKENDS:
        with pytest.raises(CompileError, match=words) as caught:
            script_of(network, recipe, backend)
        assert [d.code for d in caught.value.diagnostics] == ["R0509"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["trainer", "batch", "tensor"])
def test_a_model_may_be_called_like_anything(name: str, backend: str, tmp_path: Path) -> None:
    network = graph_of(f"model {name} {{ input(1, 8, 8); flatten; linear(10) }}")
    module = import_files(network, CIFAR, backend, tmp_path)
    assert callable(module.Trainer.train_step) and module.Batch == tuple[np.ndarray, np.ndarray]
