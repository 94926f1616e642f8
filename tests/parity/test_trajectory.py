"""Trainers side by side: agreement, a planted fault and the step where it shows, the curves."""

import csv
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resdsl.parity.facts import facts_of
from resdsl.parity.inputs import load_network
from resdsl.parity.trajectory.compare import Comparer, Point
from resdsl.parity.trajectory.judge import Judge
from resdsl.parity.trajectory.masks import Masks
from resdsl.parity.trajectory.orders import Step, take_step, unread, write_step
from resdsl.parity.trajectory.settings import LIMIT

FILE = Path(__file__).with_name("trajectory.res")
FAST = ("--recipe", "digits", "--set", "data.batch=16")


def parity(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "resdsl", "parity", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="module")
def agreeing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sources and the report of a comparison in float64."""
    folder = tmp_path_factory.mktemp("trajectory")
    files = ("--keep", str(folder), "--json", str(folder / "report.json"))
    done = parity(f"{FILE}:small", *FAST, "--steps", "12", *files)
    assert done.returncode == 0, done.stderr
    return folder


def test_trainers_agree_in_float64(agreeing: Path) -> None:
    report = json.loads((agreeing / "report.json").read_text(encoding="utf-8"))
    assert [run["run"] for run in report["runs"]] == ["jax", "tensorflow"]
    for run in report["runs"]:
        assert len(run["error"]) == 12 and max(run["error"]) < 1e-10
    assert not list(agreeing.glob("*/step-*"))


def test_a_planted_fault_is_found_at_its_step(agreeing: Path, tmp_path: Path) -> None:
    text = (agreeing / "source" / "train_small_jax.py").read_text(encoding="utf-8")
    right, wrong = "b = 0.9 * state.momentum", "b = 0.89 * state.momentum"
    assert right in text
    edited = tmp_path / "edited.py"
    edited.write_text(text.replace(right, wrong), encoding="utf-8")
    few = ("--source", f"jax={edited}", "--backends", "torch,jax", "--steps", "4")
    done = parity(f"{FILE}:small", *FAST, *few)
    assert done.returncode == 1, done.stderr
    # The first step has no momentum yet.
    assert "error[R0608]: jax: `weights/stem.weight` is beyond 1e-09 after step 2" in done.stderr
    assert "trajectory.res:4:" in done.stderr
    assert done.stdout.splitlines()[-1] == "small: jax leaves the trajectory"


def test_float32_is_plotted_with_its_floor(tmp_path: Path) -> None:
    few = ("--backends", "torch,jax", "--steps", "3", "--dtype", "float32")
    done = parity(f"{FILE}:small", *FAST, *few, "-o", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "nothing is judged in float32" in done.stdout
    with (tmp_path / "trajectory.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(r["run"], r["step"]) for r in rows] == [
        (run, step) for run in ("one ulp", "jax") for step in "123"
    ]
    assert all(0 < float(r["weights"]) < 1e-3 for r in rows)
    assert "<svg" in (tmp_path / "trajectory.svg").read_text(encoding="utf-8")
    assert (tmp_path / "trajectory.png").read_bytes().startswith(b"\x89PNG")


def test_networks_that_draw_are_given_masks(tmp_path: Path) -> None:
    target = (f"{FILE}:drops", "--recipe", f"{FILE}:parts", "--steps", "3", "--floor")
    done = parity(*target, "--json", str(tmp_path / "report.json"))
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [run["run"] for run in report["runs"]] == ["one ulp", "jax", "tensorflow"]
    for run in report["runs"]:
        assert 0 < max(run["error"]) < 1e-11
    assert len(report["runs"][1]["times_floor"]) == 3 and report["times"] == 10
    assert "times one ulp" in done.stdout


def test_masks_follow_from_seed_step_and_part() -> None:
    facts = facts_of(load_network(f"{FILE}:drops"))
    name = facts.dropouts[-1].name
    masks, others = Masks(facts, 3), Masks(facts, 3)
    masks.begin(4)
    first, second = masks(name, 64), masks(name, 64)
    assert first.shape == (64, 256) and 0.45 < first.mean() < 0.55
    assert (first != second).any()
    others.begin(4)
    assert (others(name, 64) == first).all()
    others.begin(5)
    assert (others(name, 64) != first).any()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((f"{FILE}:small", "--recipe", "digits", "--steps", "0"), "error[R0601]"),
        ((f"{FILE}:small", "--recipe", "digits", "--backends", "torch"), "error[R0601]"),
        ((f"{FILE}:small", "--recipe", "digits", "--batch", "3"), "--batch cannot be given"),
        ((f"{FILE}:small", "-o", "out"), "-o goes with --recipe"),
        ((f"{FILE}:small", "--floor"), "--floor goes with --recipe"),
    ],
)
def test_what_cannot_be_compared(arguments: tuple[str, ...], expected: str) -> None:
    done = parity(*arguments)
    assert done.returncode == 2 and expected in done.stderr


def test_the_first_array_beyond_the_limit_is_named() -> None:
    order = ("a.weight", "b.weight")
    state = {f"{kind}/{name}": np.ones(3) for kind in ("momentum", "weights") for name in order}
    other = {**state, "weights/b.weight": np.ones(3) * 1.1, "momentum/a.weight": np.ones(3) * 2}
    point = Comparer(order, {}, LIMIT).compare(Step(1.0, state), Step(1.0, other))
    assert point.first == "weights/b.weight" and point.where == "momentum/a.weight"
    gone = {name: array for name, array in state.items() if name != "weights/a.weight"}
    point = Comparer(order, {}, LIMIT).compare(Step(1.0, state), Step(float("nan"), gone))
    assert point.first == "loss" and point.error == point.distance == float("inf")


def point(error: float) -> Point:
    return Point(error, "weights/stem.weight", error, 0.0, "loss" if error > LIMIT else None)


@pytest.mark.parametrize(
    ("dtype", "floor", "by_floor", "broken"),
    [
        ("float64", (), False, 2),
        ("float64", (1e-16, 2e-9, 2e-9), True, None),  # Far from the floor within the limit alone.
        ("float64", (1e-10, 2e-9, 1e-10), True, 3),
        ("float32", (1e-16, 2e-9, 2e-9), False, None),
        ("float32", (1e-16, 2e-9, 2e-9), True, 1),
    ],
)
def test_verdicts(dtype: str, floor: tuple[float, ...], by_floor: bool, broken: int | None) -> None:
    points, own = tuple(map(point, (1e-12, 8e-9, 8e-9))), tuple(map(point, floor))
    judge = Judge(load_network(f"{FILE}:small"), dtype, "torch", own, by_floor)
    curve = judge.curve("jax", points, None)
    assert curve.broken == broken and curve.agreed == (broken is None)
    if curve.diagnostic is not None:
        assert ("one ulp off make" in curve.diagnostic.notes[-1]) == by_floor
        assert (curve.diagnostic.help is None) == by_floor
    lost = judge.curve("jax", (*points[:2], point(math.inf)), None)
    assert lost.broken == (3 if broken is None else broken)


def test_a_step_is_handed_over_once(tmp_path: Path) -> None:
    write_step(tmp_path, 1, 0.5, {"weights/a": np.arange(3.0), "step": np.array(1)})
    assert unread(tmp_path) == 1
    step = take_step(tmp_path, 1)
    assert step.loss == 0.5 and list(step.state) == ["weights/a"]
    assert unread(tmp_path) == 0
