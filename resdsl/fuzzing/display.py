"""A fuzzing run on the screen: a line while it goes, a summary at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from resdsl.fuzzing.session import Summary, Watch
from resdsl.ops import OPS

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def watching(minutes: float, console: Console) -> Iterator[Watch]:
    """Shows progress on a terminal until the `with` body ends; elsewhere, findings as lines."""
    if not console.is_terminal:
        yield _lines(console)
        return
    from rich import progress as bars

    columns = (
        bars.TextColumn("fuzzing"),
        bars.BarColumn(bar_width=24),
        bars.TimeElapsedColumn(),
        bars.TextColumn("{task.fields[line]}", style="dim"),
    )
    with bars.Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("fuzzing", total=minutes * 60, line="starting")

        def watch(summary: Summary) -> None:
            progress.update(task, completed=summary.seconds, line=line_of(summary))

        yield watch


def _lines(console: Console) -> Watch:
    told = [0]

    def watch(summary: Summary) -> None:
        for found in summary.found[told[0] :]:
            console.print(f"{found.path}: {found.failure.diagnostic.message}", highlight=False)
        told[0] = len(summary.found)

    return watch


def line_of(summary: Summary) -> str:
    """Where a run stands."""
    return (
        f"{summary.ran} networks, {summary.alone} refused, "
        f"{sum(summary.kinds.values())} failures of {len(summary.kinds)} kinds"
    )


def report(summary: Summary) -> Iterator[str]:
    """The summary, line by line."""
    failed = summary.ran - summary.agreed - summary.by_rounding - summary.not_finite
    yield f"{summary.ran:,} networks were compared in {summary.seconds / 60:.1f} minutes:"
    yield f"  {summary.agreed:6,} agree"
    yield f"  {summary.by_rounding:6,} agree within what rounding does to the reference itself"
    if summary.not_finite:
        yield f"  {summary.not_finite:6,} overflow in the reference: not compared"
    yield f"  {failed:6,} fail"
    if summary.alone:
        yield f"{summary.alone:,} more were refused by all backends but one, and not compared."
    for (backend, code), count in sorted(summary.refused.items()):
        yield f"  {count:6,} refused by {backend} with {code}"
    missing = sorted(set(OPS) - set(summary.operations) - {"identity"})
    yield f"{len(summary.operations)} operations ran" + (
        f"; not among them: {', '.join(missing)}" if missing else ", which is all of them"
    )
    for found in summary.found:
        kind = found.failure.kind
        yield f"{found.path.parent}: {' '.join(kind)}, {summary.kinds[kind]} networks"
