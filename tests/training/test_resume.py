"""A run that was interrupted goes on as if it had not been, however it ended."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from kills import kills
from runs import (
    TINY,
    assert_same_run,
    assert_same_state,
    checkpoints,
    command,
    environment,
    figures,
    log,
    scalars,
    state,
    train,
)

NEW = (f"{TINY}:tiny", "--backend", "numpy")


@pytest.mark.parametrize("step", [1, 11, 13, 43])
def test_a_run_that_was_stopped_goes_on(
    step: int, run: Path, short: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    done = train(*NEW, "-o", folder, *short, "--stop-after", step)
    assert done.stdout.splitlines()[-1] == f"to go on: resdsl train --resume {folder}"
    assert log(folder / "numpy")[-1] == {"event": "stopped", "step": step}
    train("--resume", folder)
    assert figures(folder / "numpy") == figures(run / "numpy")
    assert [line["step"] for line in log(folder / "numpy", "start")] == [0, step]
    expected = {tag: [s for s, _ in values] for tag, values in scalars(run / "numpy").items()}
    assert {t: [s for s, _ in v] for t, v in scalars(folder / "numpy").items()} == expected


def test_it_is_the_same_run_bit_by_bit(run: Path, short: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    for step in (11, 22, 33):
        again = ("--resume", folder) if folder.exists() else (*NEW, "-o", folder, *short)
        train(*again, "--stop-after", step)
    train("--resume", folder)
    assert_same_run(folder / "numpy", run / "numpy")


def test_a_finished_run_says_so(run: Path) -> None:
    before = (run / "numpy" / "log.jsonl").read_text()
    done = train("--resume", run)
    assert done.stdout.splitlines()[0] == f"the run in {run} is finished"
    assert (run / "numpy" / "log.jsonl").read_text() == before


def test_what_is_behind_the_checkpoint_is_taken_back(
    run: Path, short: tuple[str, ...], tmp_path: Path
) -> None:
    """As after a kill: a log that is further than the last checkpoint, and cut off."""
    folder = tmp_path / "run"
    train(*NEW, "-o", folder, *short, "--stop-after", "33")
    (folder / "numpy" / "checkpoints" / "step-00000033.safetensors").unlink()
    (folder / "numpy" / "checkpoints" / "best.safetensors").unlink()
    with (folder / "numpy" / "log.jsonl").open("a") as file:
        file.write('{"event": "train", "step": 36, "lo')
    with (folder / "numpy" / "metrics.csv").open("a") as file:
        file.write("36,3.2")
    train("--resume", folder)
    assert_same_run(folder / "numpy", run / "numpy")
    shown, expected = scalars(folder / "numpy"), scalars(run / "numpy")
    assert shown["loss/train"] == expected["loss/train"]


# ---- ends that nobody asked for ------------------------------------------------------------------


def start(*arguments: object, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*arguments),
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_step(folder: Path, step: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        path = folder / "numpy" / "log.jsonl"
        if path.is_file() and any(line["step"] >= step for line in log(folder / "numpy")):
            return
        time.sleep(0.02)
    pytest.fail(f"step {step} was not reached")


def test_after_kills(run: Path, short: tuple[str, ...], tmp_path: Path) -> None:
    """`make kill-test` does the same in a framework, twenty times."""
    folder = tmp_path / "run"
    options = (*NEW, *short, "--checkpoint-every", "1")
    met = list(kills(folder, options, 3, seconds=0.5, RESDSL_NUMPY_PAUSE="0.1"))
    assert [kill.in_write for kill in met] == [False, True, False]
    train("--resume", folder, "--checkpoint-every", "11")
    assert figures(folder / "numpy") == figures(run / "numpy")
    assert_same_state(state(folder / "numpy"), state(run / "numpy"))


def test_after_the_parent_alone_was_killed(
    run: Path, short: tuple[str, ...], tmp_path: Path
) -> None:
    """Its worker writes a checkpoint and ends; who resumes waits for that."""
    folder = tmp_path / "run"
    process = start(*NEW, "-o", folder, *short, RESDSL_NUMPY_PAUSE="0.3")
    wait_for_step(folder, 4)
    process.kill()
    process.communicate()
    train("--resume", folder)
    assert figures(folder / "numpy") == figures(run / "numpy")
    assert [line["event"] for line in log(folder / "numpy")].count("stopped") == 1


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_after_being_asked_to_end(
    which: signal.Signals, run: Path, short: tuple[str, ...], tmp_path: Path
) -> None:
    """As by Ctrl-C, which reaches the whole group, or by a scheduler."""
    folder = tmp_path / "run"
    process = start(*NEW, "-o", folder, *short, RESDSL_NUMPY_PAUSE="0.1")
    wait_for_step(folder, 4)
    os.killpg(process.pid, which)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert f"to go on: resdsl train --resume {folder}" in out
    assert "Traceback" not in err and "error" not in err
    stopped = log(folder / "numpy")[-1]
    assert stopped["event"] == "stopped"
    assert f"step-{stopped['step']:08d}.safetensors" in checkpoints(folder / "numpy")
    train("--resume", folder)
    assert figures(folder / "numpy") == figures(run / "numpy")


def test_who_asks_twice_does_not_wait(tmp_path: Path) -> None:
    process = start(*NEW, "-o", tmp_path / "run", RESDSL_NUMPY_PAUSE="600")
    assert process.stderr is not None
    for word in ("training from", "stopping"):
        while word not in process.stderr.readline():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and err.splitlines()[-1] == "interrupted"


# ---- checkpoints that cannot be used -------------------------------------------------------------


@pytest.fixture
def stopped(run: Path, tmp_path: Path) -> Path:
    """The finished run as it was before its last line was written, and without its best."""
    folder = tmp_path / "stopped"
    shutil.copytree(run, folder)
    (folder / "numpy" / "checkpoints" / "best.safetensors").unlink()
    path = folder / "numpy" / "log.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    return folder


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-50] ^= 1
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def replaced(path: Path) -> None:
    from resdsl.weights import ArrayLayout, write_weights

    write_weights(path, [ArrayLayout("a", (2,))], [("a", np.zeros(2, np.float32))])


@pytest.mark.parametrize("damage", [torn, flipped, emptied, replaced])
def test_a_damaged_checkpoint_is_passed_over(damage, stopped: Path, run: Path) -> None:
    path = stopped / "numpy" / "checkpoints" / "step-00000044.safetensors"
    damage(path)
    done = train("--resume", stopped)
    assert f"warning[R0854]: passed over: `{path}` is no checkpoint that can be read" in done.stderr
    assert "training from step 33 of 44" in done.stderr
    assert_same_run(stopped / "numpy", run / "numpy")


def test_an_unfinished_file_of_a_killed_run_is_removed(stopped: Path, run: Path) -> None:
    folder = stopped / "numpy" / "checkpoints"
    (folder / ".resdsl-0123456789ab.tmp").write_bytes(b"half a checkpo")
    done = train("--resume", stopped)
    assert "warning" not in done.stderr
    assert checkpoints(stopped / "numpy") == checkpoints(run / "numpy")[1:]


def test_if_none_can_be_read_nothing_is_lost(stopped: Path) -> None:
    for path in (stopped / "numpy" / "checkpoints").iterdir():
        torn(path)
    before = (stopped / "numpy" / "log.jsonl").read_text()
    done = train("--resume", stopped, code=2)
    assert "error[R0854]: no checkpoint of" in done.stderr
    assert (stopped / "numpy" / "log.jsonl").read_text() == before
