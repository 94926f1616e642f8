"""The worker's side: one JSON object a line to the parent, and words from it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any, TextIO

#: Exit status of a worker that has told the parent why it ended.
REFUSED = 3
#: What the parent writes when the worker is to come to an end.
STOP = "stop"


class Channel:
    """Tells the parent what is going on, and remembers how long it took."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._started = time.perf_counter()
        self._phase = ""
        self.seconds: dict[str, float] = {}
        #: Only diagnostics are passed on.
        self.is_silent = False

    def phase(self, name: str, **more: Any) -> None:
        """A new phase begins."""
        self._close()
        self._phase = name
        self.say(phase=name, **more)

    def say(self, **message: Any) -> None:
        """One message. A parent that is gone hears nothing, and needs not."""
        if self.is_silent and "diagnostic" not in message:
            return
        try:
            self._stream.write(json.dumps(message) + "\n")
            self._stream.flush()
        except BrokenPipeError:
            self._stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115

    def _close(self) -> None:
        now = time.perf_counter()
        if self._phase:
            spent = self.seconds.get(self._phase, 0.0) + now - self._started
            self.seconds[self._phase] = round(spent, 3)
        self._started = now


def own_output() -> TextIO:
    """Standard output for the parent alone; whoever else writes there reaches standard error."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return private


def prepare(threads: int, device: str) -> None:
    """What must be in the environment before any framework is imported."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    # Workers share a GPU: nobody takes all of its memory at once.
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    if device == "cpu":
        # Otherwise TensorFlow takes the memory of a GPU that it is not to use.
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


def listen_for_stop() -> threading.Event:
    """Set once the parent asks for an end, or is gone: its pipe closes when it dies."""
    stopping = threading.Event()

    def listen() -> None:
        sys.stdin.readline()
        stopping.set()

    # A daemon, since it may wait until the process ends.
    threading.Thread(target=listen, name="resdsl-stop", daemon=True).start()
    return stopping
