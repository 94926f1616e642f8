"""PyTorch's trainer in two processes: the run of one, with every batch shared out."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from devices import (
    LOCAL,
    NETWORK,
    PATIENCE,
    POPULATION,
    ROOT,
    SYNCHRONIZED,
    TOLERANCE,
    all_cases,
    differences,
    farthest,
    run_cases,
    write_scripts,
)
from safetensors.numpy import load_file
from trainers import CIFAR, EVERYTHING, State, tiny

from resdsl.recipes.recipe import Digits, Recipe
from resdsl.records import replace

Runs = dict[int, dict[str, list[State]]]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The states of all cases, by the number of processes."""
    folder = tmp_path_factory.mktemp("torch")
    return {n: run_cases(all_cases(), "torch", n, folder / str(n)) for n in (1, 2)}


@pytest.mark.parametrize("name", [*SYNCHRONIZED, "population"])
def test_two_processes_are_one(name: str, runs: Runs) -> None:
    """Weights, moments, statistics, averages, losses and answers, in both processes."""
    (alone,), both = runs[1][name], runs[2][name]
    assert max(farthest(alone, state) for state in both) < TOLERANCE


def test_local_statistics_are_those_of_the_first(runs: Runs) -> None:
    """Local batch norm is another run, and the same in both processes, but for what each has seen;
    what they test with is the same again."""
    (alone,), (first, second) = runs[1]["local"], runs[2]["local"]
    seen = {name for name, far in differences(first, second).items() if far > TOLERANCE}
    assert seen == {name for name in first if name.startswith("weights/") and "running" in name}
    assert farthest(alone, first) > 1e-3
    assert np.array_equal(first["tested"], second["tested"])


def test_processes_drop_other_entries(runs: Runs) -> None:
    """Masks that were the same in both would be those of one process on half the batch."""
    (alone,), (first, second) = runs[1]["dropping"], runs[2]["dropping"]
    assert farthest(first, second) < TOLERANCE
    assert farthest(alone, first) > 1e-3


@pytest.mark.parametrize("recipe", [*SYNCHRONIZED.values(), LOCAL, CIFAR, EVERYTHING])
def test_scripts_are_laid_out_as_ruff_does_it(recipe: Recipe, tmp_path: Path) -> None:
    for text in (NETWORK, POPULATION):
        for part in ("local", "synchronized"):
            graph, said = tiny(text.replace("2, 6, 6", "3, 8, 8")), replace(recipe, batch_norm=part)
            write_scripts(graph, said, "torch", tmp_path, 2)
            for command in (["format", "--check"], ["check", "--quiet", "--ignore", "T201"]):
                settings = ["--config", str(ROOT / "pyproject.toml"), "."]
                called = [sys.executable, "-m", "ruff", *command, *settings]
                done = subprocess.run(called, capture_output=True, text=True, cwd=tmp_path)
                assert done.returncode == 0, done.stdout


def test_the_script_under_torchrun(tmp_path: Path) -> None:
    """As a person starts it: the checkpoint of two processes is that of one, only the first
    reports, and a batch that cannot be shared is refused."""
    recipe = replace(SYNCHRONIZED["accumulate"], data=Digits(batch=96))
    graph = tiny(NETWORK.replace("2, 6, 6", "1, 8, 8").replace("classes = 3", "classes = 10"))
    script = write_scripts(graph, recipe, "torch", tmp_path, 2)
    (alone, said), (both, told) = (run_script(script, count) for count in (1, 2))
    assert farthest(alone, both) < TOLERANCE
    assert said == told and said.count("step 3 of 3") == 1
    write_scripts(graph, replace(recipe, data=Digits(batch=100)), "torch", tmp_path, 2)
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run_script(script, 2)
    assert "a batch of 100 does not fall into 4 parts for each of 2" in caught.value.stderr


def run_script(script: Path, processes: int) -> tuple[State, str]:
    """Three steps; the checkpoint, and what was printed."""
    started = [sys.executable]
    if processes > 1:
        started += ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
        started.append(str(processes))
    checkpoint = script.with_name(f"{processes}.safetensors")
    options = ["--steps", "3", "--device", "cpu", "--save", str(checkpoint)]
    done = subprocess.run(
        [*started, str(script), *options],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return load_file(checkpoint), done.stdout
