"""The parent's side: starts the workers, a few at a time, and listens to what they say.

Spawned, never forked: a fork after a framework has started its threads can hang.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from resdsl.processes.channel import STOP
from resdsl.records import dataclass

#: Lines of a failed worker's standard error that are shown.
TAIL = 12


@dataclass(frozen=True, slots=True)
class Job:
    """One worker: `python -m module plan`."""

    name: str
    module: str
    plan: Path


@dataclass(frozen=True, slots=True)
class Ending:
    """How a worker ended: its exit status, negative for a signal, and its last words on stderr."""

    status: int
    tail: tuple[str, ...] = ()

    @property
    def how(self) -> str:
        """`failed with status 1`, `was ended by signal 9`."""
        if self.status < 0:
            return f"was ended by signal {-self.status}"
        return f"failed with status {self.status}"


Message = dict[str, Any]
#: Called from several threads, with the name of a job and what its worker says. Each worker's first
#: message is the pool's own, `{"phase": "starting"}`, and so is its last, `{"ended": status}`.
Hear = Callable[[str, Message], None]


class Pool:
    """Runs jobs, at most `workers` at a time. Whatever still runs behind the `with` is killed."""

    def __init__(self, jobs: Sequence[Job], workers: int, hear: Hear) -> None:
        self._hear = hear
        self._stopping = False
        self._executor = ThreadPoolExecutor(max_workers=max(1, min(workers, len(jobs))))
        self._started: list[subprocess.Popen[str]] = []
        self._futures = {job.name: self._executor.submit(self._run, job) for job in jobs}

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *failure: object) -> None:
        # After Ctrl-C, or an error of ours: nothing of this runs on.
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in list(self._started):
            if process.poll() is None:
                process.kill()
        self._executor.shutdown()

    def join(self) -> dict[str, Ending]:
        """Wait for all; how each job ended, those left out that a `stop` kept from starting."""
        return {name: end for name, f in self._futures.items() if (end := _ending(f)) is not None}

    def stop(self) -> None:
        """Ask all workers to come to an end of their own, and start no more."""
        self._stopping = True
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in list(self._started):
            _ask_to_stop(process)

    def _run(self, job: Job) -> Ending:
        self._hear(job.name, {"phase": "starting"})
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            process = subprocess.Popen(
                # -P: a folder called `torch` where the user stands is not the framework.
                [sys.executable, "-P", "-m", job.module, str(job.plan)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(),
                text=True,
                encoding="utf-8",
            )
            self._started.append(process)
            if self._stopping:
                _ask_to_stop(process)
            for line in process.stdout or ():
                self._hear(job.name, json.loads(line))
            status = process.wait()
            self._hear(job.name, {"ended": status})
            errors.seek(0)
            lines = (line.rstrip() for line in errors if line.strip())
            return Ending(status, tuple(deque(lines, maxlen=TAIL)))


def _ending(future: Future[Ending]) -> Ending | None:
    try:
        return future.result()
    except CancelledError:
        return None


def _ask_to_stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(f"{STOP}\n")
        process.stdin.flush()
    except (BrokenPipeError, ValueError):
        return  # It has ended.


def _environment() -> dict[str, str]:
    """The parent's, so arranged that the worker finds this very resdsl."""
    root = str(Path(__file__).resolve().parent.parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
