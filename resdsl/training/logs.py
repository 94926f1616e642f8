"""What a run leaves to read: `log.jsonl`, `metrics.csv`, and event files for TensorBoard.

All three say the same. The log is the one that counts: a JSON object a line, of which those about
training have the means since the line before. A run that goes on from a checkpoint first takes back
what was written behind its step, as if it had never been.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from resdsl.files import flush, write_text

Line = Mapping[str, Any]

LOG = "log.jsonl"
METRICS = "metrics.csv"
COLUMNS = (
    *("step", "epoch", "rate", "train_loss", "train_accuracy", "images_per_second"),
    *("test_loss", "test_accuracy"),
)


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The lines of a backend's log; one that a killed run left unfinished is none."""
    try:
        text = (folder / LOG).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in map(_line, text.splitlines()) if line is not None]


def _line(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    known = isinstance(line, dict) and isinstance(line.get("step"), int) and "event" in line
    return line if known else None


def cut(folder: Path, step: int, evaluated: int) -> None:
    """Take back everything behind a step, in the log and in the table.

    `evaluated` is the last evaluation that counts: one that was done behind the step itself, and
    that no checkpoint knows of, is done again.
    """
    kept = [
        line
        for line in read_log(folder)
        if line["step"] <= (evaluated if line["event"] == "test" else step)
    ]
    write_text(folder / LOG, "".join(map(_json, kept)))
    table = [row for row in map(_row, kept) if row is not None]
    write_text(folder / METRICS, _csv([dict(zip(COLUMNS, COLUMNS, strict=True)), *table]))


def _json(line: Line) -> str:
    return json.dumps(line, allow_nan=False) + "\n"


def _row(line: Line) -> dict[str, Any] | None:
    match line["event"]:
        case "train":
            named = {"train_loss": line["loss"], "train_accuracy": line["accuracy"]}
        case "test":
            named = {"test_loss": line["loss"], "test_accuracy": line["accuracy"]}
        case _:
            return None
    return {**{name: line[name] for name in COLUMNS if name in line}, **named}


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n").writerows(rows)
    return text.getvalue()


class Logs:
    """The three, open for writing behind `step`, with what was behind it taken back."""

    def __init__(self, folder: Path, step: int, evaluated: int) -> None:
        cut(folder, step, evaluated)
        self._log = (folder / LOG).open("a", encoding="utf-8")
        self._metrics = (folder / METRICS).open("a", encoding="utf-8", newline="")
        # TensorBoard forgets what older event files have from this step on.
        purge = step + 1 if any(folder.glob("events.out.tfevents.*")) else None
        self._events = _summary_writer()(str(folder), purge_step=purge, flush_secs=10)

    def write(self, line: Line) -> None:
        """One line, in all three. It can be read at once."""
        self._log.write(_json(line))
        self._log.flush()
        row = _row(line)
        if row is not None:
            self._metrics.write(_csv([row]))
            self._metrics.flush()
            for tag, value in _scalars(line):
                self._events.add_scalar(tag, value, line["step"])

    def sync(self) -> None:
        """Bring all of it to the disk: a checkpoint must not know more than the log."""
        flush(self._log)
        flush(self._metrics)
        self._events.flush()

    def close(self) -> None:
        """The end."""
        self._log.close()
        self._metrics.close()
        self._events.close()


class Unwritten:
    """What a process has in their place that leaves writing to another one."""

    def write(self, line: Line) -> None: ...

    def sync(self) -> None: ...

    def close(self) -> None: ...


def _summary_writer() -> Any:
    """The class, imported so that it does not import PyTorch, which it would for tensors."""
    absent = "torch" not in sys.modules
    if absent:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        from tensorboardX import SummaryWriter
    finally:
        if absent:
            del sys.modules["torch"]
    return SummaryWriter


def _scalars(line: Line) -> Iterator[tuple[str, float]]:
    part = line["event"]
    yield f"loss/{part}", line["loss"]
    yield f"accuracy/{part}", line["accuracy"]
    if part == "train":
        yield "rate", line["rate"]
        yield "images_per_second", line["images_per_second"]
