"""Rows of numbers with names, in CSV files that a reader can open with anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

from resdsl.records import dataclass

Value: TypeAlias = "str | int | float"
#: `Value`s by the names of columns.
Row: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True, slots=True)
class Spread:
    """A quantity over the seeds of a study."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)

    def is_above(self, other: Spread) -> bool:
        """Whether every seed lies above every seed of the other."""
        return self.low > other.high


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that all have the same columns, one row a seed and whatever else is told apart."""

    rows: tuple[Row, ...]

    def where(self, **labels: Value) -> Table:
        """The rows that are called so."""
        wanted = labels.items()
        return Table(tuple(r for r in self.rows if all(r[name] == v for name, v in wanted)))

    def distinct(self, column: str) -> list[Any]:
        """What there is in a column, each value once: numbers sorted, texts as they come."""
        found = list(dict.fromkeys(row[column] for row in self.rows))
        return found if any(isinstance(v, str) for v in found) else sorted(found)

    def column(self, name: str) -> list[Any]:
        """A column, row by row."""
        return [row[name] for row in self.rows]

    def spread(self, name: str) -> Spread:
        """A column as values over the seeds: the mean of each seed's rows."""
        seeds = self.distinct("seed")
        means = (np.mean(self.where(seed=seed).column(name)) for seed in seeds)
        return Spread(tuple(float(mean) for mean in means))

    def along(self, x: str, y: str) -> tuple[list[Any], list[Spread]]:
        """`y` over the seeds for each `x`."""
        places = self.distinct(x)
        return places, [self.where(**{x: place}).spread(y) for place in places]


def to_csv(table: Table) -> str:
    """The text of a CSV file; floats with six digits, which is more than seeds agree on."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(table.rows[0]) if table.rows else []
    writer.writerow(names)
    for row in table.rows:
        writer.writerow([_shown(row[name]) for name in names])
    return text.getvalue()


def from_csv(text: str) -> Table:
    """The inverse of `to_csv`, but for digits beyond the sixth."""
    lines = csv.reader(io.StringIO(text))
    names = next(lines)
    return Table(tuple({n: _read(v) for n, v in zip(names, line, strict=True)} for line in lines))


def collected(found: Iterable[tuple[str, Row]]) -> dict[str, Table]:
    """Rows by the names of their tables, as a file would give them back."""
    tables: dict[str, list[Row]] = {}
    for name, row in found:
        tables.setdefault(name, []).append(row)
    return {name: from_csv(to_csv(Table(tuple(rows)))) for name, rows in tables.items()}


def _shown(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _read(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
