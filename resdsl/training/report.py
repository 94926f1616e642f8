"""What became of a run: where each backend stands, read from its log."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from resdsl.diagnostics import Diagnostic, Severity
from resdsl.records import dataclass
from resdsl.training.folder import RunFolder
from resdsl.training.logs import read_log


class Status(StrEnum):
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """Where one backend stands. Lines of its log are `None` where there is none of the sort.

    `steps` are those of the whole run; `train` and `test` are the last lines, `best` the one with
    the highest test accuracy.
    """

    backend: str
    status: Status
    step: int
    steps: int | None
    train: dict[str, Any] | None
    test: dict[str, Any] | None
    best: dict[str, Any] | None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All backends of a run; `interrupted` by Ctrl-C."""

    folder: Path
    model: str
    results: tuple[Result, ...]
    interrupted: bool

    @property
    def is_finished(self) -> bool:
        return all(r.status is Status.FINISHED for r in self.results)

    @property
    def failed(self) -> list[Result]:
        return [r for r in self.results if r.status is Status.FAILED]


def result_of(folder: RunFolder, backend: str, diagnostics: list[Diagnostic]) -> Result:
    """Read a backend's log."""
    lines = read_log(folder.of(backend))
    trained = [line for line in lines if line["event"] == "train"]
    tested = [line for line in lines if line["event"] == "test"]
    starts = [line for line in lines if line["event"] == "start"]
    status = Status.STOPPED
    if any(line["event"] == "finished" for line in lines):
        status = Status.FINISHED
    elif any(d.severity is Severity.ERROR for d in diagnostics):
        status = Status.FAILED
    return Result(
        backend=backend,
        status=status,
        step=max((line["step"] for line in lines), default=0),
        steps=starts[-1]["steps"] if starts else None,
        train=trained[-1] if trained else None,
        test=tested[-1] if tested else None,
        best=max(tested, key=lambda line: line["accuracy"], default=None),
        diagnostics=tuple(diagnostics),
    )
