"""`resdsl train --devices 2` is the run of one device, and whatever ends it, it goes on.

With PyTorch, which starts fastest; `make device-test` does the same in every framework.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from devices import PATIENCE, RUNNERS, TOLERANCE, farthest, finish, start
from runs import TRAINING, command, environment, figures, log, state, train

SHARED = f"{TRAINING / 'devices' / 'shared.res'}:shared"
EVERY = ("--log-every", "2", "--evaluate-every", "8", "--checkpoint-every", "4")


def new(backend: str, folder: Path, *more: object) -> tuple[object, ...]:
    return (SHARED, "--backend", backend, "-o", folder, *EVERY, "--threads", "1", *more)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one device, in a framework that is as good as any other."""
    folder = tmp_path_factory.mktemp("runs") / "alone"
    train(*new("torch", folder, "--stop-after", "10"))
    return folder / "torch"


def assert_same(folder: Path, alone: Path) -> None:
    """The lines of the log that both have."""
    ours, theirs = figures(folder), figures(alone)
    assert len(ours) >= len(theirs)
    for line, other in zip(ours, theirs, strict=False):
        assert line == pytest.approx(other, abs=TOLERANCE)


@pytest.mark.parametrize("backend", RUNNERS)
def test_two_devices_are_one(backend: str, alone: Path, tmp_path: Path) -> None:
    """Over an evaluation and a resumption, on one device in between."""
    folder = tmp_path / "run"
    train(*new(backend, folder, "--stop-after", "4", "--devices", "2"))
    train("--resume", folder, "--stop-after", "7", "--devices", "1")
    train("--resume", folder, "--stop-after", "10")
    assert [line["devices"] for line in log(folder / backend, "start")] == [2, 1, 2]
    assert_same(folder / backend, alone)
    assert farthest(state(folder / backend), state(alone)) < TOLERANCE


@pytest.mark.parametrize("backend", RUNNERS)
def test_a_killed_process_ends_the_run(backend: str, alone: Path, tmp_path: Path) -> None:
    """It is named, the other does not outlive it, and the run goes on from its checkpoint."""
    folder = tmp_path / "run"
    with running(*new(backend, folder, "--devices", "2")) as process:
        wait_for_step(12, folder / backend, process)
        workers = children(process)
        os.kill(workers[1], signal.SIGKILL)
        killed = time.monotonic()
        out, err = process.communicate(timeout=PATIENCE)
        assert time.monotonic() - killed < 60
    assert process.returncode == 1
    assert f"error[R0857]: the {backend} worker of device 1 was ended by signal 9" in err
    assert f"to go on: resdsl train --resume {folder}" in out
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    begun = last_checkpoint(folder / backend)
    train("--resume", folder, "--stop-after", begun + 3)
    assert [line["step"] for line in log(folder / backend, "start")] == [0, begun]
    trained = [line["step"] for line in log(folder / backend, "train")]
    assert trained == list(range(2, begun + 3, 2))
    assert_same(folder / backend, alone)


@pytest.mark.parametrize("backend", RUNNERS)
def test_an_interrupted_run_stops_at_one_step(backend: str, tmp_path: Path) -> None:
    """Both processes, whichever was asked first, and with a checkpoint."""
    folder = tmp_path / "run"
    with running(*new(backend, folder, "--devices", "2")) as process:
        wait_for_step(4, folder / backend, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert log(folder / backend)[-1]["event"] == "stopped"
    assert last_checkpoint(folder / backend) == log(folder / backend)[-1]["step"]


@pytest.mark.parametrize("backend", RUNNERS)
def test_workers_that_somebody_else_starts(backend: str, alone: Path, tmp_path: Path) -> None:
    """As `torchrun` or `srun` do: by the command that is printed."""
    folder = tmp_path / "run"
    arguments = new(backend, folder, "--stop-after", "10", "--devices", "2", "--prepare")
    said = re.fullmatch(
        rf"{backend}: python (-m resdsl.training.worker .*)\n", train(*arguments).stdout
    )
    assert said is not None
    finish(start([sys.executable, *said[1].split()], backend, 2, tmp_path), tmp_path)
    first, second = ((tmp_path / f"said-{rank}-of-2").read_text() for rank in (0, 1))
    assert f"{backend}: epoch 0.3636, step 8, loss " in first and "step" not in second
    assert_same(folder / backend, alone)


def test_what_devices_cannot_share(tmp_path: Path) -> None:
    done = train(*new("torch", tmp_path / "run", "--devices", "3"), code=2)
    assert "error[R0861]: 3 devices cannot share a batch of 64 equally for each of 2" in done.stderr
    assert "`--set data.batch=66`" in done.stderr
    compiled = ("--devices", "2", "--compile")
    done = train(*new("tensorflow", tmp_path / "run", *compiled), code=2)
    assert "error[R0861]: TensorFlow does not compile the steps of several" in done.stderr
    assert not (tmp_path / "run").exists()
    train(*new("torch", tmp_path / "run", "--stop-after", "1"))
    done = train("--resume", tmp_path / "run", "--devices", "2", code=2)
    assert "error[R0861]" in done.stderr and "has a trainer for one device" in done.stderr
    done = train(SHARED, "--backend", "numpy", "--devices", "2", code=2)
    assert "the backend `numpy` does not train on more than one device" in done.stderr


# ---- a run that others look at -------------------------------------------------------------------


@contextmanager
def running(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """The command, which does not outlive the `with`."""
    process = subprocess.Popen(
        command(*arguments),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for_step(step: int, folder: Path, process: subprocess.Popen[str]) -> None:
    """Until there is a checkpoint of it, or of a later one."""
    deadline = time.monotonic() + PATIENCE
    while last_checkpoint(folder) < step:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)


def last_checkpoint(folder: Path) -> int:
    """The step of the newest."""
    names = sorted(path.stem for path in (folder / "checkpoints").glob("step-*"))
    return int(names[-1].removeprefix("step-")) if names else 0


def children(process: subprocess.Popen[str]) -> list[int]:
    """The processes that this one has started, in their order."""
    done = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
    )
    return sorted(map(int, done.stdout.split()))
