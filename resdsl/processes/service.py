"""A worker that takes many orders, one after the other: a framework is imported once for all.

The parent writes the path of a plan as a line, the worker answers with a JSON object on a line. One
that dies, or takes longer than it may, is ended; the next order starts another.
"""

from __future__ import annotations

import json
import queue
import subprocess
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from resdsl.processes.pool import Ending, Job, start, tail_of


class Service:
    """One such worker, started with the first order. Ended behind the `with`."""

    def __init__(self, name: str, module: str, orders: int) -> None:
        self._job = Job(name, module, Path(name))
        #: Orders after which a worker is replaced: frameworks keep what they have compiled.
        self._orders = orders
        self._taken = 0
        self._process: subprocess.Popen[str] | None = None
        self._stack = ExitStack()
        self._errors: IO[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *failure: object) -> None:
        self.end()

    def ask(self, order: Path, seconds: float, starting: float) -> dict[str, Any] | Ending | None:
        """The answer to an order; how the worker ended if it did; `None` if it took too long.

        The first order of a worker may take `starting` seconds more.
        """
        if self._process is None:
            self._begin()
            seconds += starting
        assert self._process is not None and self._process.stdin is not None
        self._taken += 1
        try:
            self._process.stdin.write(f"{order}\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=seconds)
        except BrokenPipeError:
            line = ""
        except queue.Empty:
            self.end()
            return None
        if not line:
            return self._ending()
        if self._taken >= self._orders:
            self.end()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """End the worker, if one runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._stack.close()

    def _begin(self) -> None:
        self._errors = self._stack.enter_context(
            tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        )
        self._process = process = start(self._job, {}, self._errors)
        # A queue of its own: what an older worker still says is nobody's answer.
        self._answers, self._taken = queue.SimpleQueue(), 0
        threading.Thread(target=_listen, args=(process, self._answers), daemon=True).start()

    def _ending(self) -> Ending:
        assert self._process is not None and self._errors is not None
        status = self._process.wait()
        ending = Ending(status, tail_of(self._errors))
        self.end()
        return ending


def _listen(process: subprocess.Popen[str], answers: queue.SimpleQueue[str]) -> None:
    for line in process.stdout or ():
        answers.put(line)
    # An empty line says that there is nobody left to answer.
    answers.put("")
