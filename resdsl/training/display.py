"""A run on the screen: progress while it lasts, a table at its end.

Rich where there is a terminal; where there is none, a line for every evaluation. Rich is imported
when it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from resdsl.processes.pool import Message
from resdsl.training.report import Report, Result, Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from resdsl.training.session import Watch


def watching(console: Console) -> AbstractContextManager[Watch]:
    """Shows progress on the console, or as lines on stderr, until the `with` body ends."""
    return _live(console) if console.is_terminal else _lines()


@contextmanager
def _lines() -> Iterator[Watch]:
    losses: dict[str, Message] = {}

    def watch(name: str, message: Message) -> None:
        line = message.get("log")
        if line is not None and line["event"] == "train":
            losses[name] = line
        elif line is not None:
            _print(f"{name}: {described(losses.get(name), line)}")
        elif message.get("phase") == "training":
            _print(f"{name}: training from step {message['step']:,} of {message['steps']:,}")
        elif message.get("phase") in ("importing", "stopping", "stopped", "finished"):
            _print(f"{name}: {message['phase']}")

    yield watch


def _print(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def described(train: Message | None, test: Message) -> str:
    """An evaluation in a line, with the training before it."""
    parts = [f"epoch {test['epoch']:g}", f"step {test['step']:,}"]
    if train is not None:
        parts += [f"loss {train['loss']:.4f}", f"accuracy {train['accuracy']:.2%}"]
    parts.append(f"test loss {test['loss']:.4f}, accuracy {test['accuracy']:.2%}")
    if train is not None:
        parts.append(f"{train['images_per_second']:,.0f} images/s")
    return ", ".join(parts)


@contextmanager
def _live(console: Console) -> Iterator[Watch]:
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(bar_width=20),
        bars.TextColumn("{task.fields[where]}", justify="right"),
        bars.TextColumn("{task.fields[figures]}"),
        bars.TimeElapsedColumn(),
        bars.TextColumn("[dim]left"),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=console, speed_estimate_period=60) as progress:
        rows: dict[str, _Row] = {}

        def watch(name: str, message: Message) -> None:
            if name not in rows:
                task = progress.add_task(name, total=None, where="", figures="")
                rows[name] = _Row(progress, task)
            rows[name].hear(message)

        yield watch


class _Row:
    """The bar of one backend, and the figures beside it."""

    def __init__(self, progress: Any, task: Any) -> None:
        self._progress = progress
        self._task = task
        self._steps = 0
        self._epoch = 1
        self._figures: dict[str, str] = {}

    def hear(self, message: Message) -> None:
        if "log" in message:
            self._line(message["log"])
        elif "at" in message:
            self._at(message["at"])
        elif message.get("phase") == "training":
            self._steps, self._epoch = message["steps"], message["epoch"]
            self._progress.update(self._task, total=self._steps)
            self._at(message["step"])
        elif "phase" in message and message["phase"] not in ("evaluating", "writing a checkpoint"):
            self._progress.update(self._task, where=message["phase"])
        if "ended" in message:
            self._progress.stop_task(self._task)

    def _at(self, step: int) -> None:
        epoch = min(step // self._epoch + 1, -(-self._steps // self._epoch))
        where = f"epoch {epoch}/{-(-self._steps // self._epoch)}, step {step:,}/{self._steps:,}"
        self._progress.update(self._task, completed=step, where=where)

    def _line(self, line: Message) -> None:
        if line["event"] == "train":
            self._figures["train"] = f"loss {line['loss']:.4f}  acc {line['accuracy']:.1%}"
            self._figures["speed"] = f"{line['images_per_second']:,.0f} images/s"
            self._at(line["step"])
        elif line["event"] == "test":
            self._figures["test"] = f"[bold]test {line['accuracy']:.2%}[/]"
        shown = (self._figures.get(key) for key in ("train", "test", "speed"))
        self._progress.update(self._task, figures="  ".join(filter(None, shown)))


STYLES = {Status.FINISHED: "green", Status.STOPPED: "yellow", Status.FAILED: "bold red"}
HEADINGS = ("", "step", "training loss", "test error", "best", "at step", "time")


def table(report: Report) -> Table:
    """One row for each backend."""
    from rich.table import Table
    from rich.text import Text

    made = Table(title=f"{report.model}, {report.folder}", title_style="", title_justify="left")
    for heading in HEADINGS:
        made.add_column(heading, justify="left" if heading == "" else "right")
    for result in report.results:
        name = Text.assemble(result.backend, (f"\n{result.status.value}", STYLES[result.status]))
        made.add_row(name, *cells(result))
    return made


def cells(result: Result) -> list[str]:
    """What stands in a row of the table, `-` for what there is not."""
    train, test, best = result.train, result.test, result.best
    seconds = (test or train or {}).get("seconds")
    return [
        f"{result.step:,} of {result.steps:,}" if result.steps is not None else "-",
        f"{train['loss']:.4f}" if train else "-",
        f"{1 - test['accuracy']:.2%}" if test else "-",
        f"{1 - best['accuracy']:.2%}" if best else "-",
        f"{best['step']:,}" if best else "-",
        "-" if seconds is None else duration(seconds),
    ]


def duration(seconds: float) -> str:
    """`42 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def lines(report: Report) -> Iterator[str]:
    """The same without a terminal."""
    for result in report.results:
        named = zip(HEADINGS[1:], cells(result), strict=True)
        figures = [f"{heading} {cell}" for heading, cell in named if cell != "-"]
        yield ", ".join([f"{result.backend}: {result.status.value}", *figures])
