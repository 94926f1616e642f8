"""Trainers in two processes: the run of one, with every batch shared out."""

import subprocess
import sys
from pathlib import Path

import pytest
from devices import (
    BACKENDS,
    DIFFERENT,
    EVERYTHING,
    NETWORK,
    PATIENCE,
    SYNCHRONIZED,
    TOLERANCE,
    all_cases,
    farthest,
    finish,
    launch,
    run_cases,
    selected,
    start,
    write_scripts,
)
from safetensors.numpy import load_file, save_file
from trainers import State, first_state, tiny

from resdsl.recipes.recipe import Digits
from resdsl.records import replace

Runs = dict[int, dict[str, list[State]]]

#: What a script trains that is given no data.
DIGITS = (
    tiny(NETWORK.replace("2, 6, 6", "1, 8, 8").replace("classes = 3", "classes = 10")),
    replace(SYNCHRONIZED["accumulate"], data=Digits(batch=96)),
)


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def torch_alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[State]]:
    """The states of all cases in one process of PyTorch's."""
    return run_cases(all_cases(), "torch", 1, tmp_path_factory.mktemp("torch") / "1")


@pytest.fixture(scope="module")
def runs(
    backend: str, torch_alone: dict[str, list[State]], tmp_path_factory: pytest.TempPathFactory
) -> Runs:
    """The states of all cases, by the number of processes; one process is as good in PyTorch."""
    folder, alone = tmp_path_factory.mktemp(backend), torch_alone
    if EVERYTHING:
        alone = run_cases(all_cases(), backend, 1, folder / "1")
    return {1: alone, 2: run_cases(selected(backend), backend, 2, folder / "2")}


def test_two_processes_are_one(runs: Runs) -> None:
    """Weights, moments, statistics, averages, losses and answers, in both processes."""
    for name in runs[2].keys() - DIFFERENT:
        (alone,), both = runs[1][name], runs[2][name]
        assert max(farthest(alone, state) for state in both) < TOLERANCE, name


def test_local_statistics_are_averaged(runs: Runs) -> None:
    """Local batch norm is another run, and the same in both processes; where weights stand still,
    its means are those of the whole batch, and its variances those round the parts' own means."""
    if "local" in runs[2]:
        (alone,), (first, second) = runs[1]["local"], runs[2]["local"]
        assert farthest(first, second) < TOLERANCE < 1e-3 < farthest(alone, first)
    (alone,), (first, second) = runs[1]["still"], runs[2]["still"]
    assert farthest(first, second) < TOLERANCE
    for weights in ("weights", "average"):
        means = f"{weights}/norm.running_mean"
        assert abs(first[means] - alone[means]).max() < TOLERANCE
    variances = "weights/norm.running_var"
    assert (abs(first[variances] - alone[variances]) > 1e-4).all()


def test_what_is_dropped(runs: Runs, backend: str) -> None:
    """Processes drop other entries each: the same in both would be those of half a batch. But
    JAX's draw for the whole batch, however many they are."""
    if "dropping" not in runs[2]:
        return
    (alone,), (first, second) = runs[1]["dropping"], runs[2]["dropping"]
    assert farthest(first, second) < TOLERANCE
    assert (farthest(alone, first) < TOLERANCE) == (backend == "jax")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, State]:
    """A checkpoint, and the one that three steps of PyTorch's script in one process make of it."""
    folder = tmp_path_factory.mktemp("alone")
    first = folder / "first.safetensors"
    save_file(first_state(*DIGITS), first)
    return first, three_steps("torch", 1, first, folder)


def test_the_script_alone(backend: str, alone: tuple[Path, State], tmp_path: Path) -> None:
    """As a person starts it: the checkpoint of two processes is that of one, and only the first
    reports."""
    first, state = alone
    assert farthest(three_steps(backend, 2, first, tmp_path), state) < TOLERANCE
    said = [(tmp_path / f"said-{rank}-of-2").read_text() for rank in (0, 1)]
    assert [text.count("step 3 of 3: loss ") for text in said] == [1, 0]


def three_steps(backend: str, processes: int, first: Path, folder: Path) -> State:
    script = write_scripts(*DIGITS, backend, folder, processes)
    saved = folder / "third.safetensors"
    options = ["--steps", "3", "--device", "cpu", "--resume", str(first), "--save", str(saved)]
    finish(start([sys.executable, str(script), *options], backend, processes, folder), folder)
    state: State = load_file(saved)
    return state


def test_a_batch_that_cannot_be_shared(tmp_path: Path) -> None:
    script = write_scripts(tiny(NETWORK), SYNCHRONIZED["all"], "torch", tmp_path, 2)
    text = script.read_text()
    assert "BATCH = 8\n" in text
    script.write_text(text.replace("BATCH = 8\n", "BATCH = 7\n"))
    environment = launch("torch", 0, [])
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, timeout=PATIENCE
    )
    assert done.returncode == 2
    assert b"a batch of 7 does not fall into 2 parts for each of 1 processes" in done.stderr
