"""Near misses: which of the known names an author may have meant.

Bounded in time: names can be as long as a file, and there can be a hundred thousand of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

_LONGEST = 64
_KNOWN = 20_000
_CANDIDATES = 500
_LIKENESS = 0.7
_LIKENESS_OF_SHORT = 0.8


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name most like `name`; case and underscores count for little."""
    if len(name) > _LONGEST:
        return None
    wanted = _simple(name)
    room = 2 + len(wanted) // 3
    alike = (k for k in islice(known, _KNOWN) if abs(len(k) - len(name)) <= room)
    candidates: dict[str, str] = {}
    for candidate in islice(alike, _CANDIDATES):
        candidates.setdefault(_simple(candidate), candidate)
    if wanted in candidates:
        return candidates[wanted]
    from difflib import get_close_matches  # Files without mistakes do not wait for it.

    likeness = _LIKENESS_OF_SHORT if len(wanted) < 4 else _LIKENESS
    close = get_close_matches(wanted, candidates, 1, likeness)
    return candidates[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The help that goes with an unknown name."""
    close = nearest(name, known)
    return f"did you mean `{close}`?" if close is not None else None


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names for a message: the first few, and how many more there are."""
    everything = list(names)
    shown = ", ".join(f"`{clipped(name)}`" for name in everything[:most])
    more = len(everything) - most
    return f"{shown} and {more} more" if more > 0 else shown


def clipped(name: str) -> str:
    """A name for a message: of a very long one the beginning."""
    return name if len(name) <= _LONGEST else name[:_LONGEST] + "..."


def _simple(name: str) -> str:
    return name.replace("_", "").lower()
