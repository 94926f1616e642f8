"""A study on the screen: a bar for all runs where there is a terminal, else a line for each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from resdsl.processes.pool import Message

if TYPE_CHECKING:
    from rich.console import Console

    from resdsl.training.studies.session import Watch


def watching(console: Console) -> AbstractContextManager[Watch]:
    """Shows progress on the console, or as lines on stderr, until the `with` body ends."""
    return _live(console) if console.is_terminal else _lines()


@contextmanager
def _lines() -> Iterator[Watch]:
    runs = finished = 0

    def watch(name: str, message: Message) -> None:
        nonlocal runs, finished
        runs = message.get("runs", runs)
        if "finished" in message:
            finished += 1
            sys.stderr.write(f"{name}: {finished} of {runs}, {message['finished']}\n")
            sys.stderr.flush()

    yield watch


@contextmanager
def _live(console: Console) -> Iterator[Watch]:
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(bar_width=20),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[what]}"),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=console) as progress:
        tasks: dict[str, Any] = {}

        def watch(name: str, message: Message) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=None, what="")
            task = tasks[name]
            if "runs" in message:
                progress.update(task, total=message["runs"])
            if "finished" in message:
                progress.advance(task)
            if "done" in message:
                progress.update(task, completed=message["done"], total=message["total"])
            if "title" in message:
                progress.update(task, what=message["title"], completed=0, total=None)
            if "ended" in message:
                progress.update(task, what="", visible=False)

        yield watch
