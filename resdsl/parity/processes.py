"""Starts the workers, a few at a time, and listens to what they say.

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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from resdsl.diagnostics import Diagnostic
from resdsl.parity.plan import Plan, write_plan

#: Lines of a failed worker's standard error that are shown.
TAIL = 12


@dataclass(frozen=True, slots=True)
class Progress:
    """A run entered a phase; `step` of `steps` where it is training."""

    run: str
    phase: str
    step: int | None = None
    steps: int | None = None


Watch = Callable[[Progress], None]


def run_workers(
    plans: Sequence[Plan], folder: Path, workers: int, watch: Watch
) -> dict[str, Diagnostic | None]:
    """Run all plans; for each run, by name, why it failed or `None`.

    One failure does not stop the others: what they computed is still worth comparing.
    """
    started: list[subprocess.Popen[str]] = []
    pool = ThreadPoolExecutor(max_workers=max(1, min(workers, len(plans))))
    try:
        waiting = [(p, pool.submit(_run_worker, p, folder, watch, started)) for p in plans]
        return {plan.name: future.result() for plan, future in waiting}
    finally:
        # After Ctrl-C, or an error of ours: nothing of this comparison runs on.
        pool.shutdown(wait=False, cancel_futures=True)
        for process in started:
            if process.poll() is None:
                process.kill()
        pool.shutdown()


def _run_worker(
    plan: Plan, folder: Path, watch: Watch, started: list[subprocess.Popen[str]]
) -> Diagnostic | None:
    path = folder / f"{plan.name}.json"
    write_plan(plan, path)
    watch(Progress(plan.name, "starting"))
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        process = subprocess.Popen(
            # -P: a folder called `torch` where the user stands is not the framework.
            [sys.executable, "-P", "-m", "resdsl.parity.worker", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(),
            text=True,
            encoding="utf-8",
        )
        started.append(process)
        refusal = _listen(plan, process.stdout, watch)
        status = process.wait()
        failure = refusal if refusal is not None else _failure(plan, status, errors)
    watch(Progress(plan.name, "done" if failure is None else "failed"))
    return failure


def environment() -> dict[str, str]:
    """The parent's, so arranged that the worker finds this very resdsl."""
    root = str(Path(__file__).resolve().parent.parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}


def _listen(plan: Plan, stream: IO[str] | None, watch: Watch) -> Diagnostic | None:
    refusal = None
    for line in stream or ():
        message: dict[str, Any] = json.loads(line)
        if "refused" in message:
            refusal = Diagnostic(
                "R0603", f"{plan.backend}: {message['refused']}", help=message["help"]
            )
        elif message["phase"] != "done":
            watch(Progress(plan.name, message["phase"], message.get("step"), message.get("steps")))
    return refusal


def _failure(plan: Plan, status: int, errors: IO[str]) -> Diagnostic | None:
    if status == 0:
        return None
    errors.seek(0)
    tail = deque((line.rstrip() for line in errors if line.strip()), maxlen=TAIL)
    how = f"was ended by signal {-status}" if status < 0 else f"failed with status {status}"
    help = "signal 9 mostly means that memory ran out: try `--batch 1`, a smaller `--input`, "
    return Diagnostic(
        "R0604",
        f"the {plan.backend} worker {how}",
        notes=tuple(tail),
        help=help + "or `--workers 1`" if status == -9 else None,
    )
