"""Several backends in one run, a run that goes on in another, and runs that fail."""

import json
import shutil
from pathlib import Path

import pytest
from runs import TINY, assert_same_run, assert_same_state, figures, log, read_step, state, train

BOTH = (f"{TINY}:tiny", "--backends", "numpy,again")


@pytest.mark.parametrize("workers", [1, 2])
def test_two_backends_are_overlaid(
    workers: int, run: Path, short: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    done = train(*BOTH, "-o", folder, *short, "--workers", workers)
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == [
        "numpy: finished",
        "again: finished",
    ]
    for name in ("numpy", "again"):
        assert_same_run(folder / name, run / "numpy")
    drawn = (folder / "curves.svg").read_text()
    # The legend's texts are paths of glyphs, with their text in a comment.
    for text in ("numpy, training", "numpy, test", "again, training", "again, test"):
        assert f"<!-- {text} -->" in drawn


def test_a_checkpoint_goes_on_in_another_framework(
    run: Path, short: tuple[str, ...], tmp_path: Path
) -> None:
    """All of it: network, recipe and the log up to there come from the checkpoint's run."""
    checkpoint = run / "numpy" / "checkpoints" / "step-00000022.safetensors"
    folder = tmp_path / "run"
    train("--resume", checkpoint, "--backend", "again", "-o", folder, "--log-every", "4")
    assert figures(folder / "again") == figures(run / "numpy")
    assert [line["step"] for line in log(folder / "again", "start")] == [0, 22]
    assert_same_state(state(folder / "again"), state(run / "numpy"))
    train("--resume", folder)
    assert json.loads((folder / "run.json").read_text())["start"] == str(checkpoint)


def test_a_run_from_a_checkpoint_can_be_stopped_at_once(run: Path, tmp_path: Path) -> None:
    """It goes on from the same checkpoint, which is in its own folder now."""
    copied = tmp_path / "copied"
    shutil.copytree(run, copied)
    checkpoint = copied / "numpy" / "checkpoints" / "step-00000022.safetensors"
    folder = tmp_path / "run"
    arguments = ("--backend", "again", "-o", folder, "--log-every", "4")
    train("--resume", checkpoint, *arguments, "--stop-after", "23")
    shutil.rmtree(copied)
    (folder / "again" / "checkpoints" / "step-00000023.safetensors").unlink()
    train("--resume", folder)
    assert figures(folder / "again") == figures(run / "numpy")


def test_a_backend_that_fails_does_not_stop_the_others(
    run: Path, short: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    done = train(*BOTH, "-o", folder, *short, code=1, RESDSL_AGAIN_FAILS="yes")
    assert "error[R0857]: the again worker failed with status 1" in done.stderr
    assert "RuntimeError: a framework that does not start" in done.stderr
    assert "again: failed" in done.stdout and "numpy: finished" in done.stdout
    assert f"to go on: resdsl train --resume {folder}" in done.stdout
    train("--resume", folder)
    assert_same_run(folder / "again", run / "numpy")


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    done = train(
        f"{TINY}:tiny", "--backend", "numpy", "-o", tmp_path / "r", "--device", "cuda", code=2
    )
    assert "error[R0858]: numpy: NumPy finds no GPU here" in done.stderr
    assert "help: use `--device cpu`" in done.stderr


def test_divergence_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    options = ("--set", "optimizer.lr=1e38", "--checkpoint-every", "1")
    done = train(f"{TINY}:tiny", "--backend", "numpy", "-o", folder, *options, code=1)
    assert "error[R0856]: numpy: training has diverged at step " in done.stderr
    assert "the learning rate of that step is 1e+38" in done.stderr
    assert "optimizer.lr" in done.stderr and "numpy: failed" in done.stdout
    for path in (folder / "numpy" / "checkpoints").iterdir():
        assert read_step(path) < 44
