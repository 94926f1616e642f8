"""Runs that are killed, again and again, and resumed."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runs import command, environment

from resdsl.training.logs import read_log


@dataclass(frozen=True, slots=True)
class Kill:
    """What a kill met: the step of the log's last line, and a checkpoint half written or not."""

    step: int
    in_write: bool


def kills(
    folder: Path, new: Sequence[object], count: int, seconds: float, seed: int = 0, **more: str
) -> Iterator[Kill]:
    """Start a run with the arguments `new`, and kill it `count` times, resuming it each time.

    A kill comes up to `seconds` after training has begun, or before that; every other one waits
    then for a checkpoint that is being written. Ends early where the run does.
    """
    moments = random.Random(seed)
    for number in range(count):
        resumed = (folder / "run.json").is_file()
        arguments = ("--resume", folder) if resumed else (*new, "-o", folder)
        process = subprocess.Popen(
            command(*arguments),
            env=environment(**more),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        early = number % 5 == 4
        ended = not early and _wait_for_training(process)
        time.sleep(moments.uniform(0, seconds))
        in_write = number % 2 == 1 and not ended and _wait_for_write(process, folder)
        ended = ended or process.poll() is not None
        _kill(process)
        if ended:
            return
        lines = [line for path in folder.glob("*/log.jsonl") for line in read_log(path.parent)]
        yield Kill(max((line["step"] for line in lines), default=0), in_write)


def _wait_for_training(process: subprocess.Popen[str]) -> bool:
    """Whether the process has ended instead."""
    assert process.stderr is not None
    return not any("training from" in line for line in process.stderr)


def _wait_for_write(process: subprocess.Popen[str], folder: Path) -> bool:
    """Whether a checkpoint is being written; else the process has ended."""
    folders = [path / "checkpoints" for path in folder.iterdir() if path.is_dir()]
    while process.poll() is None:
        for path in folders:
            if path.is_dir() and any(path.glob(".resdsl-*.tmp")):
                return True
    return False


def _kill(process: subprocess.Popen[str]) -> None:
    """The parent and its workers, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stderr is not None
    process.stderr.close()
