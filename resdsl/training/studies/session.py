"""Carries out a study: its runs in worker processes, then tables, plot and words in one folder.

Every run's rows are kept as soon as they are there, so that a study which was interrupted goes on
with the runs that are left.
"""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from resdsl import __version__
from resdsl.codegen.backend import get_backend
from resdsl.diagnostics import CompileError, Diagnostic, error
from resdsl.files import write_text
from resdsl.processes.pool import Ending, Job, Message, Pool
from resdsl.records import dataclass
from resdsl.training.begin import expect_installed
from resdsl.training.messages import diagnostic_from_json
from resdsl.training.studies import check_name
from resdsl.training.studies.bench import BACKEND, Place, described
from resdsl.training.studies.results import write_results
from resdsl.training.studies.study import Facts, Results, Run, load_study, run_from_json, with_seeds
from resdsl.training.studies.table import collected

PACKAGES = ("grain", "matplotlib")
UNFINISHED = "unfinished.jsonl"

#: Called from several threads, with the name of a worker and what it says; and with the study's
#: own name and `{"runs": n}`, `{"finished": title}`.
Watch = Callable[[str, Message], None]


@dataclass(frozen=True, slots=True)
class Order:
    """A study that is asked for. `command` is what a reader repeats it with."""

    study: str
    scale: str
    seeds: int
    place: Place
    workers: int
    folder: Path
    command: str


@dataclass(frozen=True, slots=True)
class Done:
    """A run that was carried out: its rows with their tables, and the machine it ran on."""

    rows: list[tuple[str, dict[str, Any]]]
    machine: dict[str, Any]


def carry_out(order: Order, watch: Watch) -> Results:
    """Run what is not yet there, and write everything. Raises `CompileError` where a run fails."""
    check_name(order.study)
    backend = get_backend(BACKEND)
    expect_installed(backend.requires, f"`{BACKEND}`", backend.extra)
    expect_installed(PACKAGES, "a study", "train")
    study = load_study(order.study)
    runs = with_seeds(study.runs(study.SCALES[order.scale]), order.seeds)
    data = described(runs[0], order.place)
    notebook = Notebook(order)
    watch(order.study, {"runs": len(runs)})
    for run in runs:
        if notebook.has(run):
            watch(order.study, {"finished": run.title})
    for alone in (False, True):
        left = [run for run in runs if run.alone == alone and not notebook.has(run)]
        if left:
            _run(order, left, 1 if alone else order.workers, notebook, watch)
    done = [notebook.done(run) for run in sorted(runs, key=lambda run: run.seed)]
    machine = done[0].machine
    facts = Facts(
        study=order.study,
        scale=order.scale,
        seeds=order.seeds,
        command=order.command,
        data=data,
        device=machine["device"],
        threads=order.place.threads,
        versions={"resdsl": __version__, **machine["versions"]},
    )
    results = Results(facts, collected(row for each in done for row in each.rows))
    write_results(results, order.folder)
    notebook.close()
    return results


def _run(order: Order, runs: list[Run], workers: int, notebook: Notebook, watch: Watch) -> None:
    problems: list[Diagnostic] = []

    def hear(name: str, message: Message) -> None:
        if "rows" in message:
            title = notebook.write(message)
            watch(order.study, {"finished": title})
        elif "diagnostic" in message:
            problems.append(diagnostic_from_json(message["diagnostic"]))
        else:
            watch(name, message)

    count = min(workers, len(runs))
    with tempfile.TemporaryDirectory(prefix="resdsl-") as name:
        folder = Path(name)
        (folder / "claims").mkdir()
        plan = {
            "study": order.study,
            "scale": order.scale,
            "place": {n: getattr(order.place, n) for n in ("device", "threads", "data")},
            "runs": [run.to_json() for run in runs],
        }
        path = folder / "plan.json"
        write_text(path, json.dumps(plan))
        jobs = [
            Job(f"worker {n + 1}", "resdsl.training.studies.worker", path) for n in range(count)
        ]
        with Pool(jobs, count, hear) as pool:
            endings = pool.join()
    if problems:
        raise CompileError(problems[:1])
    _expect_ended(endings)


def _expect_ended(endings: dict[str, Ending]) -> None:
    for ending in endings.values():
        if ending.status != 0:
            raise error(
                "R0857",
                f"a worker of the study {ending.how}",
                notes=ending.tail,
                help="runs that were finished are kept: the same command goes on with the others",
            )


class Notebook:
    """The runs that are done, in a file of the study's folder, until all are."""

    def __init__(self, order: Order) -> None:
        self._path = order.folder / UNFINISHED
        self._place = {
            "study": order.study,
            "device": order.place.device,
            "threads": order.place.threads,
            "resdsl": __version__,
            "python": platform.python_version(),
        }
        self._done: dict[str, Done] = {}
        if self._path.is_file():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            said = json.loads(line)
            if said["place"] == self._place:
                self._keep(said)
        except (ValueError, KeyError, TypeError):
            return  # The line that a killed process did not finish.

    def _keep(self, said: Message) -> None:
        rows = [(table, row) for table, row in said["rows"]]
        self._done[_key(said["run"])] = Done(rows, said["machine"])

    def has(self, run: Run) -> bool:
        """Whether a run is done."""
        return _key(run.to_json()) in self._done

    def done(self, run: Run) -> Done:
        """What came of it."""
        return self._done[_key(run.to_json())]

    def write(self, message: Message) -> str:
        """Keep what a worker says of a run; returns the run's title."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**message, "place": self._place}) + "\n")
        self._keep(message)
        return run_from_json(message["run"]).title

    def close(self) -> None:
        """All is written elsewhere."""
        self._path.unlink(missing_ok=True)


def _key(run: Any) -> str:
    return json.dumps(run, sort_keys=True)
