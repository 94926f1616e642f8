"""The parent's side: starts the workers, a few at a time, and listens to what they say.

Spawned, never forked: a fork after a framework has started its threads can hang.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from resdsl.processes.channel import STOP
from resdsl.records import dataclass, field

#: Lines of a failed worker's standard error that are shown.
TAIL = 12
#: Seconds that processes of a job have to end by themselves once one of them has failed.
GRACE = 10.0
#: Seconds between two looks at whether a signal has come.
WAKE = 0.5


@dataclass(frozen=True, slots=True)
class Job:
    """One worker: `python -m module plan`, with more arguments if there are some.

    Several `environments` make it so many processes that work together: where one fails, the others
    are ended. Only the first is listened to, but for diagnostics.
    """

    name: str
    module: str
    plan: Path
    arguments: tuple[str, ...] = ()
    environments: tuple[Mapping[str, str], ...] = field(default=({},))


@dataclass(frozen=True, slots=True)
class Ending:
    """How a worker ended: its exit status, negative for a signal, and its last words on stderr.

    Of several processes it is the one that failed first; `process` is its number.
    """

    status: int
    tail: tuple[str, ...] = ()
    process: int | None = None

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
        self._started: list[Crew] = []
        self._futures = {job.name: self._executor.submit(self._run, job) for job in jobs}

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *failure: object) -> None:
        # After Ctrl-C, or an error of ours: nothing of this runs on.
        self._executor.shutdown(wait=False, cancel_futures=True)
        for crew in list(self._started):
            crew.kill()
        self._executor.shutdown()

    def join(self) -> dict[str, Ending]:
        """Wait for all; how each job ended, those left out that a `stop` kept from starting."""
        return {name: end for name, f in self._futures.items() if (end := _ending(f)) is not None}

    def stop(self) -> None:
        """Ask all workers to come to an end of their own, and start no more."""
        self._stopping = True
        self._executor.shutdown(wait=False, cancel_futures=True)
        for crew in list(self._started):
            crew.stop()

    def _run(self, job: Job) -> Ending:
        self._hear(job.name, {"phase": "starting"})
        with Crew(job, self._hear) as crew:
            self._started.append(crew)
            if self._stopping:
                crew.stop()
            ending = crew.wait()
        self._hear(job.name, {"ended": ending.status})
        return ending


class Crew:
    """The processes of one job. Those that still run behind the `with` are killed."""

    def __init__(self, job: Job, hear: Hear) -> None:
        self._job = job
        self._hear = hear
        self._stack = ExitStack()
        self._errors: list[IO[str]] = []
        self._processes: list[subprocess.Popen[str]] = []
        self._failed: list[int] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Crew:
        for environment in self._job.environments:
            errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
            self._errors.append(self._stack.enter_context(errors))
            self._processes.append(start(self._job, environment, errors))
        return self

    def __exit__(self, *failure: object) -> None:
        self.kill()
        self._stack.close()

    def stop(self) -> None:
        """Ask for an end."""
        for process in self._processes:
            _ask_to_stop(process)

    def kill(self) -> None:
        """Make an end."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()

    def wait(self) -> Ending:
        """Listen to the processes until all have ended."""
        others = [
            threading.Thread(target=self._attend, args=(number,), daemon=True)
            for number in range(1, len(self._processes))
        ]
        for thread in others:
            thread.start()
        self._attend(0)
        for thread in others:
            thread.join()
        told = self._failed[0] if self._failed else 0
        number = told if len(self._processes) > 1 else None
        return Ending(self._processes[told].returncode, self._tail(told), number)

    def _attend(self, number: int) -> None:
        process = self._processes[number]
        for line in process.stdout or ():
            message = json.loads(line)
            if number == 0 or "diagnostic" in message:
                self._hear(self._job.name, message)
        if process.wait() != 0:
            self._end_with(number)

    def _end_with(self, number: int) -> None:
        """One has failed: so will the others, as they cannot go on without it."""
        with self._lock:
            self._failed.append(number)
            is_first = len(self._failed) == 1
        if is_first and len(self._processes) > 1:
            timer = threading.Timer(GRACE, self.kill)
            timer.daemon = True
            timer.start()
            self._stack.callback(timer.cancel)

    def _tail(self, number: int) -> tuple[str, ...]:
        return tail_of(self._errors[number])


def start(job: Job, environment: Mapping[str, str], errors: IO[str]) -> subprocess.Popen[str]:
    """One process of a job, which is spoken to over its standard input and output."""
    return subprocess.Popen(
        # -P: a folder called `torch` where the user stands is not the framework.
        [sys.executable, "-P", "-m", job.module, str(job.plan), *job.arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**_environment(), **environment},
        text=True,
        encoding="utf-8",
    )


def tail_of(errors: IO[str]) -> tuple[str, ...]:
    """The last lines of what a process has written to its standard error."""
    errors.seek(0)
    lines = (line.rstrip() for line in errors if line.strip())
    return tuple(deque(lines, maxlen=TAIL))


def free_addresses(count: int) -> list[str]:
    """Places on this machine where nobody listens: `127.0.0.1:40123`."""
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            found.append(f"127.0.0.1:{listener.getsockname()[1]}")
        return found


def _ending(future: Future[Ending]) -> Ending | None:
    # A signal that comes just before a thread falls asleep does not wake it: Ctrl-C would be heard
    # when the job ends, and not before.
    while not future.done():
        wait([future], WAKE)
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
