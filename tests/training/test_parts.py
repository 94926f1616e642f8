"""The parts of the harness by themselves: meter, log, checkpoints, folders, display, curves."""

import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from runs import TINY

from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.passes.load import load_graph
from resdsl.passes.recipes import load_recipe
from resdsl.records import replace
from resdsl.training import display, fingerprints
from resdsl.training.checkpoints import Best, Checkpoints, Facts, read_checkpoint
from resdsl.training.curves import draw_curves, errors, falls
from resdsl.training.folder import RunFolder, free_name, locked, new_folder
from resdsl.training.logs import cut, read_log
from resdsl.training.meter import PENDING, Diverged, Meter
from resdsl.training.plan import Subject
from resdsl.training.report import Report, Result, Status

SUBJECT = Subject("net", "Net", (1, 8, 8), 10, "network", "recipe")

# ---- meter ---------------------------------------------------------------------------------------


class Scalar:
    """A number that is on a device: it counts how often it is read."""

    reads = 0

    def __init__(self, value: float) -> None:
        self._value = value

    def __float__(self) -> float:
        Scalar.reads += 1
        return self._value


def test_no_loss_is_read_before_a_line_is_due() -> None:
    meter = Meter(0)
    Scalar.reads = 0
    for step in range(10):
        meter.add(Scalar(float(step)), Scalar(3.0), 4)
    assert Scalar.reads == 0
    means = meter.take()
    assert (means.loss, means.accuracy, means.samples) == (4.5, 0.75, 40)


def test_losses_do_not_pile_up() -> None:
    meter = Meter(0)
    Scalar.reads = 0
    for _ in range(PENDING):
        meter.add(Scalar(1.0), Scalar(1.0), 1)
    assert Scalar.reads == 2 * PENDING


def test_a_meter_goes_on_bit_by_bit() -> None:
    losses = np.random.default_rng(0).random(7) * 1e8
    whole, first = Meter(0), Meter(0)
    for loss in losses:
        whole.add(loss, 1, 2)
    for loss in losses[:3]:
        first.add(loss, 1, 2)
    second = Meter(3, json.loads(json.dumps(first.hold())))
    for loss in losses[3:]:
        second.add(loss, 1, 2)
    assert whole.take() == second.take()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_the_very_step_that_diverged_is_named(bad: float) -> None:
    meter = Meter(100)
    for loss in (1.0, 1.0, bad, 1.0):
        meter.add(loss, 1, 2)
    with pytest.raises(Diverged) as caught:
        meter.take()
    assert caught.value.step == 103 and caught.value.what == f"the loss is {bad}"


# ---- log -----------------------------------------------------------------------------------------


def test_a_log_is_cut(tmp_path: Path) -> None:
    train = [
        {"event": "train", "step": s, "epoch": 0.5, "rate": 0.1, "loss": 1.0, "accuracy": 0.5}
        for s in (10, 20, 30)
    ]
    test = [{"event": "test", "step": s, "loss": 1.0, "accuracy": 0.5} for s in (10, 20, 30)]
    lines = [*train, *test, {"event": "stopped", "step": 20}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "log.jsonl").write_text(text + '[1]\n{"step": "x"}\nnonsense\n{"event": "tr')
    assert read_log(tmp_path) == lines
    cut(tmp_path, 20, evaluated=10)
    assert read_log(tmp_path) == [train[0], train[1], test[0], lines[-1]]
    rows = (tmp_path / "metrics.csv").read_text().splitlines()
    assert rows[0].startswith("step,epoch,rate,train_loss") and len(rows) == 4
    cut(tmp_path, 20, evaluated=10)
    assert (tmp_path / "metrics.csv").read_text().splitlines() == rows


# ---- checkpoints ---------------------------------------------------------------------------------


def state(step: int) -> dict[str, Any]:
    drawn = np.random.default_rng(step)
    return {
        "weights/a": drawn.random((3, 2), np.float32),
        "weights/empty": np.empty((0, 4), np.float32),
        "momentum/a": drawn.random((3, 2)),
        "step": np.array(step, np.int64),
    }


def facts(step: int) -> Facts:
    meter = {"loss": 0.1 + 0.2, "steps": 3, "samples": 7, "correct": 1.0}
    return Facts(step, 100, "torch", evaluated=step, best=Best(3, 1 / 3), meter=meter, seconds=1.5)


def test_a_checkpoint_comes_back(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 2, SUBJECT)
    path = checkpoints.write(state(7), facts(7))
    found = read_checkpoint(path, SUBJECT)
    assert found.facts == facts(7) and found.state.keys() == state(7).keys()
    for name, array in state(7).items():
        assert found.state[name].dtype == array.dtype and found.state[name].shape == array.shape
        assert found.state[name].tobytes() == array.tobytes()


def test_the_last_ones_are_kept(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 2, SUBJECT)
    assert checkpoints.latest() == (None, []) and checkpoints.last_path() is None
    for step in (1, 2, 10, 100_000_000):
        checkpoints.write(state(step), facts(step))
    names = ["step-00000010.safetensors", "step-100000000.safetensors"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    newest, warnings = checkpoints.latest()
    assert newest is not None and newest.facts.step == 100_000_000 and warnings == []


def test_the_best_is_as_good_as_any(tmp_path: Path) -> None:
    """A run that is killed between the two files has the newer state in the best."""
    checkpoints = Checkpoints(tmp_path, 2, SUBJECT)
    checkpoints.write(state(5), facts(5))
    checkpoints.write_best(state(6), facts(6))
    newest, _ = checkpoints.latest()
    assert newest is not None and newest.facts.step == 6


@pytest.mark.parametrize("part", range(16))
def test_a_cut_file_is_found_wherever_it_is_cut(tmp_path: Path, part: int) -> None:
    checkpoints = Checkpoints(tmp_path, 3, SUBJECT)
    checkpoints.write(state(1), facts(1))
    path = checkpoints.write(state(2), facts(2))
    content = path.read_bytes()
    path.write_bytes(content[: part * len(content) // 16])
    newest, (warning,) = checkpoints.latest()
    assert newest is not None and newest.facts.step == 1
    assert warning.code == "R0854" and str(path) in warning.message


def test_a_changed_bit_is_found_wherever_it_is(tmp_path: Path) -> None:
    path = Checkpoints(tmp_path, 3, SUBJECT).write(state(1), facts(1))
    content = path.read_bytes()
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        try:
            found = read_checkpoint(path, SUBJECT)
        except CompileError as problem:
            assert problem.diagnostics[0].code in ("R0854", "R0855")
        else:
            # In the header's spaces, or in a figure beside the arrays.
            same = (found.state[n].tobytes() == a.tobytes() for n, a in state(1).items())
            assert all(same)


def test_others_are_told_apart(tmp_path: Path) -> None:
    path = Checkpoints(tmp_path, 3, SUBJECT).write(state(1), facts(1))
    for other in (replace(SUBJECT, network="x"), replace(SUBJECT, recipe="x")):
        with pytest.raises(CompileError) as caught:
            read_checkpoint(path, other)
        assert caught.value.diagnostics[0].code == "R0855"


# ---- fingerprints --------------------------------------------------------------------------------


def test_networks_are_told_apart_by_what_they_compute(tmp_path: Path) -> None:
    path = tmp_path / "net.res"
    path.write_text(
        "block rows { flatten }\n"
        "model one { input(1, 8, 8)\n flatten\n fc: linear(10) }\n"
        "model two { input(1, 8, 8)\n flatten\n fc: linear(10, bias = true) }\n"
        "model three { input(1, 8, 8)\n flatten\n fc: linear(10, bias = false) }\n"
        "model four { input(1, 8, 8)\n flatten\n last: linear(10) }\n"
        "model five { input(1, 8, 8)\n rows\n last: linear(10) }\n"
    )
    found = [
        fingerprints.of_network(load_graph(f"{path}:{name}"))
        for name in ("one", "two", "three", "four", "five")
    ]
    assert found[0] == found[1] and found[3] == found[4]
    assert len(set(found)) == 3


def test_recipes_are_told_apart_but_for_name_and_place(tmp_path: Path) -> None:
    recipe = load_recipe(str(TINY))
    of = fingerprints.of_recipe
    assert of(replace(recipe, name="other")) == of(recipe)
    assert of(replace(recipe, seed=1)) != of(recipe)
    one, other = (load_recipe(str(TINY), f'cifar10(path = "{path}")') for path in ("a", "b"))
    assert of(one) == of(other)


# ---- folders -------------------------------------------------------------------------------------


def test_a_folder_gets_its_name_when_it_is_complete(tmp_path: Path) -> None:
    with new_folder(tmp_path / "run") as folder:
        folder.run.write_text("{}")
        assert not (tmp_path / "run").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]

    def interrupted() -> None:
        with new_folder(tmp_path / "second") as folder:
            folder.source.mkdir()
            (folder.source / "a.py").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_names_are_counted_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert free_name("net") == Path("runs/net-1")
    Path("runs/net-1").mkdir(parents=True)
    assert free_name("net") == Path("runs/net-2")


def test_a_folder_has_one_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resdsl.training.folder.PATIENCE", 0.2)
    waited: list[bool] = []
    with locked(tmp_path, lambda: None):
        with pytest.raises(CompileError) as caught, locked(tmp_path, lambda: waited.append(True)):
            pass
        assert caught.value.diagnostics[0].code == "R0859" and waited == [True]
    with locked(tmp_path, lambda: waited.append(True)):
        assert waited == [True]


# ---- what is shown -------------------------------------------------------------------------------


def messages() -> Iterator[dict[str, Any]]:
    yield {"phase": "starting"}
    yield {"phase": "training", "step": 0, "steps": 1000, "epoch": 100}
    yield {"at": 7}
    figures = {"loss": 0.25, "accuracy": 0.875, "rate": 0.1, "images_per_second": 1234.4}
    yield {"log": {"event": "train", "step": 150, "epoch": 1.5, **figures}}
    yield {"log": {"event": "test", "step": 150, "epoch": 1.5, "loss": 0.5, "accuracy": 0.9}}
    yield {"phase": "evaluating"}
    yield {"saved": "step-00000150.safetensors", "step": 150}


def test_progress_on_a_terminal() -> None:
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=160, color_system=None)
    with display.watching(console) as watch:
        for message in messages():
            watch("torch", message)
    shown = text.getvalue()
    for part in ("torch", "epoch 2/10, step 150/1,000", "loss 0.2500  acc 87.5%", "test 90.00%"):
        assert part in shown
    assert "1,234 images/s" in shown


def test_a_line_for_each_evaluation_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with display.watching(Console(file=io.StringIO())) as watch:
        for message in messages():
            watch("torch", message)
    assert capsys.readouterr().err.splitlines() == [
        "torch: training from step 0 of 1,000",
        (
            "torch: epoch 1.5, step 150, loss 0.2500, accuracy 87.50%, "
            "test loss 0.5000, accuracy 90.00%, 1,234 images/s"
        ),
    ]


def report() -> Report:
    train = {"event": "train", "step": 990, "loss": 0.25, "accuracy": 0.9, "seconds": 61.0}
    test = {"event": "test", "step": 900, "loss": 0.5, "accuracy": 0.75, "seconds": 3725.0}
    best = {**test, "step": 800, "accuracy": 0.8}
    failure = Diagnostic("R0857", "it failed")
    results = (
        Result("torch", Status.FINISHED, 1000, 1000, train, test, best),
        Result("jax", Status.FAILED, 0, None, None, None, None, (failure,)),
    )
    return Report(Path("runs/net-1"), "net", results, False)


def test_the_table_and_its_lines() -> None:
    text = io.StringIO()
    Console(file=text, width=120).print(display.table(report()))
    for part in ("1,000 of 1,000", "0.2500", "25.00%", "20.00%", "800", "1 h 2 min", "failed"):
        assert part in text.getvalue()
    assert list(display.lines(report())) == [
        (
            "torch: finished, step 1,000 of 1,000, training loss 0.2500, test error 25.00%, "
            "best 20.00%, at step 800, time 1 h 2 min"
        ),
        "jax: failed",
    ]
    assert [display.duration(s) for s in (3.2, 60, 200)] == ["3 s", "1 min 0 s", "3 min 20 s"]


def test_a_line_stands_where_the_rate_falls() -> None:
    def lines(*rates: float) -> list[dict[str, Any]]:
        return [{"event": "train", "step": s, "rate": r} for s, r in enumerate(rates)]

    assert falls(lines(0.1, 0.1, 0.01, 0.01, 0.001)) == [1, 3]
    # Not along half a cosine, however steep it is to the eye of a logarithm.
    assert falls(lines(0.1, 0.04, 0.01, 0.001)) == falls(lines(0.1)) == falls([]) == []


def test_curves_of_what_there_is(tmp_path: Path) -> None:
    """A run that was stopped early has few points, or none in training."""
    lines = [
        {"event": "start", "step": 0},
        {"event": "train", "step": 1, "accuracy": 0.25, "rate": 0.1},
        {"event": "train", "step": 2, "accuracy": 0.5, "rate": 0.01},
        {"event": "test", "step": 2, "accuracy": 0.75},
    ]
    assert errors(lines, "train") == ([1, 2], [75.0, 50.0])
    first, second = (draw_curves({"torch": lines}, "net", tmp_path) for _ in range(2))
    assert first == second and all(path.stat().st_size > 1000 for path in first)
    before = (tmp_path / "curves.svg").read_bytes()
    draw_curves({"torch": lines}, "net", tmp_path)
    assert (tmp_path / "curves.svg").read_bytes() == before
    assert RunFolder(tmp_path).is_finished("torch") is False
