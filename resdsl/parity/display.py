"""The comparison on the screen: progress while it runs, then a table and a verdict.

Rich where there is a terminal, plain lines where there is none. Nothing is printed at import, and
rich is imported by the terminal's half alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from resdsl.parity.processes import Progress, Watch
from resdsl.parity.report import Cell, Report, Row, Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

#: Phases of a run beside its training steps: start, import, build, eval, eval after.
PHASES = 5
#: More of them where a run is probed: build, eval, a step.
PROBING = 3

STYLES = {
    Status.REFERENCE: "dim",
    Status.YARDSTICK: "cyan",
    Status.AGREES: "green",
    Status.DIFFERS: "bold red",
    Status.FAILED: "bold red",
    Status.NOT_APPLICABLE: "dim",
}


def watching(steps: int, console: Console) -> AbstractContextManager[Watch]:
    """Shows progress on the console, or as lines on stderr, until the `with` body ends."""
    return _live(steps, console) if console.is_terminal else _lines()


@contextmanager
def _lines() -> Iterator[Watch]:
    def watch(progress: Progress) -> None:
        sys.stderr.write(f"{progress.run}: {_phase(progress)}\n")
        sys.stderr.flush()

    yield watch


@contextmanager
def _live(steps: int, console: Console) -> Iterator[Watch]:
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(bar_width=24),
        bars.TimeElapsedColumn(),
        bars.TextColumn("{task.fields[phase]}", style="dim"),
    )
    with bars.Progress(*columns, console=console, transient=True) as progress:
        total = PHASES + steps
        tasks: dict[str, bars.TaskID] = {}

        def watch(event: Progress) -> None:
            if event.run not in tasks:
                tasks[event.run] = progress.add_task(event.run, total=total, phase="")
            task = tasks[event.run]
            if event.phase == "done":
                progress.update(task, completed=total, phase="done")
            else:
                progress.update(task, advance=1, phase=_phase(event))
            if event.phase in ("done", "failed"):
                progress.stop_task(task)

        yield watch


def _phase(progress: Progress) -> str:
    if progress.step is None:
        return progress.phase
    return f"{progress.phase} {progress.step} of {progress.steps}"


def verdict(report: Report) -> str:
    """One line: what came out."""
    names = ", ".join(dict.fromkeys(row.trace or row.backend for row in report.rows))
    seconds = f"{report.seconds:.0f} s"
    if report.agreed:
        return f"{report.model}: {names} compute the same network ({seconds})"
    failed = [_name(row) for row in report.rows if row.failure is not None]
    differ = [
        _name(row)
        for row in report.rows
        if any(cell.status is Status.DIFFERS for cell in row.cells.values())
    ]
    parts = []
    if differ:
        parts.append(f"{', '.join(differ)} {_verb(differ, 'differs', 'differ')}")
    if failed:
        parts.append(f"{', '.join(failed)} failed")
    return f"{report.model}: {' and '.join(parts)} ({seconds})"


def _name(row: Row) -> str:
    return row.trace or f"{row.backend} {row.dtype}"


def _verb(subjects: list[str], one: str, many: str) -> str:
    return one if len(subjects) == 1 else many


def subject(report: Report) -> str:
    """One line: what was compared."""
    about = report.subject
    shapes = ", ".join("x".join(map(str, shape)) for shape in about["inputs"].values())
    steps = about["steps"]
    training = f"{steps} training step{'' if steps == 1 else 's'}" if steps else "eval forward only"
    return (
        f"{report.model}, {about['parameters']:,} parameters: {about['batch']} images of {shapes} "
        f"({about['images']}), {about['dtype']} on {about['device']}, {training}"
    )


def engines(report: Report) -> str:
    """One line: the frameworks with their versions, and where they ran if not all in one place."""
    found: dict[str, str] = {}
    for row in report.rows:
        version = row.policy.get("versions", {}).get(row.backend)
        if version is not None:
            found[f"{row.backend} {version}"] = str(row.policy.get("device", ""))
    if len(set(found.values())) == 1:
        return f"{', '.join(found)} on {next(iter(found.values()))}"
    return ", ".join(f"{name} on {device}" for name, device in found.items())


def table(report: Report) -> Table:
    """Quantities down, runs across; in each cell the largest error and where it is."""
    from rich.table import Table
    from rich.text import Text

    # As texts, because in a string rich would look for its markup.
    title = Text(subject(report))
    made = Table(title=title, title_style="", title_justify="left", expand=False)
    made.add_column("")
    for row in report.rows:
        heading = "\n".join([row.backend, row.dtype, *filter(None, [row.trace])])
        made.add_column(Text(heading), overflow="fold")
    for quantity in report.quantities():
        limit = "" if report.subject["dtype"] != "float64" else f"\n≤ {quantity.limit:.0e}"
        cells = [_cell_text(row.cells[quantity.name]) for row in report.rows]
        styled = [
            Text.assemble((main, STYLES[row.cells[quantity.name].status]), (f"\n{more}", "dim"))
            for row, (main, more) in zip(report.rows, cells, strict=True)
        ]
        made.add_row(Text.assemble(quantity.title, (limit, "dim")), *styled)
    return made


def _cell_text(cell: Cell) -> tuple[str, str]:
    """What stands large, and what stands small beneath it."""
    if cell.status is Status.NOT_APPLICABLE:
        return "not applicable", cell.problem or ""
    if cell.status is Status.FAILED:
        return "failed", ""
    if cell.status is Status.REFERENCE:
        return "reference", ""
    if cell.problem is not None:
        return "✗", f"{cell.where}: {cell.problem}"
    mark = {Status.AGREES: "✓ ", Status.DIFFERS: "✗ "}.get(cell.status, "")
    return f"{mark}{cell.error:.1e}", cell.where or ""


def lines(report: Report) -> Iterator[str]:
    """The same without a terminal: one line for each run and quantity."""
    yield subject(report)
    width = max((len(row.trace) + 1 for row in report.rows if row.trace), default=0)
    for row in report.rows:
        for quantity in report.quantities():
            said = _line(row, quantity.title, row.cells[quantity.name])
            yield f"{row.trace:<{width}}{said}"


def _line(row: Row, title: str, cell: Cell) -> str:
    start = f"{row.backend:<11}{row.dtype:<9}{title:<23}{cell.status.value:<15}"
    if cell.error is None:
        return f"{start}{cell.problem or ''}".rstrip()
    if cell.problem is not None:
        return f"{start}{cell.where}: {cell.problem}"
    return f"{start}{cell.error:.1e} <= {cell.limit:.1e}  {cell.where}".replace(
        "<=", ">" if cell.status is Status.DIFFERS else "<="
    )


def show(report: Report, console: Console, write: Callable[[str], None]) -> None:
    """The table and what belongs under it; diagnostics are printed by the command line."""
    if console.is_terminal:
        console.print(table(report))
    else:
        for line in lines(report):
            write(line)
    if (line := engines(report)) != "":
        write(line)
    if report.numerics:
        write(f"numerics: {report.numerics}")
    for note in report.notes:
        write(f"note: {note}")


def text(report: Report, width: int = 100) -> str:
    """Verdict, diagnostics and table as plain text: for a log, or the message of an exception."""
    from io import StringIO

    from rich.console import Console

    from resdsl.diagnostics import render

    written = StringIO()
    console = Console(file=written, width=width, color_system=None, force_terminal=False)
    console.print(table(report))
    shown = "\n".join(line.rstrip() for line in written.getvalue().splitlines())
    found = [render(diagnostic) for _, diagnostic in report.diagnostics]
    below = [line for line in (engines(report), *(f"note: {n}" for n in report.notes)) if line]
    return "\n\n".join([verdict(report), *found, "\n".join([shown, *below])])
