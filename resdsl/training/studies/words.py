"""Numbers in sentences: each as the mean over seeds and, where there are several, their range."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence

from resdsl.training.studies.table import Spread

#: Markdown is wrapped at this column.
WIDTH = 100


def ranged(spread: Spread, form: str = ".1f", unit: str = "") -> str:
    """`2.3 % (2.1 to 2.5)`, without the brackets where all seeds show the same."""
    mean, low, high = (format(v, form) for v in (spread.mean, spread.low, spread.high))
    return f"{mean}{unit}" if low == high else f"{mean}{unit} ({low} to {high})"


def percent(spread: Spread) -> str:
    """A share as percent."""
    return ranged(Spread(tuple(100 * v for v in spread.values)), ".2f", " %")


def power(value: float) -> str:
    """A number of any size: `0.97`, `66.3`, `3.1e-15`."""
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    return f"{value:.3g}" if 0.001 <= abs(value) < 1000 else f"{value:.1e}"


def compared(a: Spread, b: Spread, higher: str, lower: str, seeds: int) -> str:
    """How `a` lies to `b`, with the words for both directions.

    A few seeds prove little, so it is said whether all of them agree.
    """
    if a.mean == b.mean:
        return f"neither {higher} nor {lower}"
    direction = higher if a.mean > b.mean else lower
    if seeds == 1:
        return f"{direction}, in the one seed that was run,"
    if a.is_above(b) or b.is_above(a):
        return f"{direction} in every pair of seeds"
    return f"{direction} in the mean, with ranges over seeds that overlap,"


def paragraph(*sentences: str) -> str:
    """Sentences as one wrapped paragraph."""
    text = " ".join(sentence for sentence in sentences if sentence)
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
