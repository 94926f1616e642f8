"""Some of a study's runs, in a process of its own: `python -m resdsl.training.studies.worker`.

Workers share a list of runs: each takes the next that no other has claimed, until none is left, and
tells the parent the rows of each.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from resdsl.codegen.runtime import Unavailable
from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.processes.channel import REFUSED, Channel, listen_for_stop, own_output, prepare
from resdsl.training.messages import diagnostic_to_json
from resdsl.training.studies.bench import BACKEND, Bench, Place
from resdsl.training.studies.study import Run, Study, load_study, run_from_json

#: Seconds between two words to the parent about the step.
TICK = 0.25


def main(arguments: list[str]) -> int:
    # Ctrl-C reaches the whole group of processes: the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Channel(own_output())
    stopping = listen_for_stop()
    path = Path(arguments[0])
    plan = json.loads(path.read_text(encoding="utf-8"))
    place = Place(**plan["place"])
    prepare(place.threads, place.device)
    try:
        work(plan, place, path.parent / "claims", channel, stopping)
    except Unavailable as refusal:
        found = Diagnostic("R0858", f"{BACKEND}: {refusal.message}", help=refusal.help)
        channel.say(diagnostic=diagnostic_to_json(found))
        return REFUSED
    except CompileError as problem:
        for diagnostic in problem.diagnostics:
            channel.say(diagnostic=diagnostic_to_json(diagnostic))
        return REFUSED
    return 0


def work(
    plan: dict[str, Any], place: Place, claims: Path, channel: Channel, stopping: threading.Event
) -> None:
    """Carry out runs while there are some."""
    progress = Progress(channel, stopping)
    study = load_study(plan["study"])
    bench = Bench(place, progress.step)
    machine = {"versions": bench.versions, "device": bench.in_force["device"]}
    for run in map(run_from_json, plan["runs"]):
        if not claimed(claims, run):
            continue
        progress.begin(run)
        rows = measured(study, bench, run, plan["scale"])
        channel.say(run=run.to_json(), rows=rows, machine=machine)


def claimed(claims: Path, run: Run) -> bool:
    """Whether this process is the first to want a run."""
    try:
        (claims / f"{run.name}.claim").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def measured(study: Study, bench: Bench, run: Run, scale: str) -> list[Any]:
    """The rows of a run with the names of their tables, each with the run's labels and seed."""
    labels = {**run.labels, "seed": run.seed}
    found = study.measure(bench, run, study.SCALES[scale])
    return [[table, {**labels, **row}] for table, row in found]


class Progress:
    """Tells the parent what is going on, and ends this process when it is told to, or alone."""

    def __init__(self, channel: Channel, stopping: threading.Event) -> None:
        self._channel = channel
        self._stopping = stopping
        self._ticked = 0.0

    def begin(self, run: Run) -> None:
        """A new run."""
        self._channel.phase("running", title=run.title)

    def step(self, done: int, total: int) -> None:
        """One more step of it."""
        if self._stopping.is_set():
            sys.exit(REFUSED)
        if time.perf_counter() - self._ticked > TICK or done == total:
            self._ticked = time.perf_counter()
            self._channel.say(done=done, total=total)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
