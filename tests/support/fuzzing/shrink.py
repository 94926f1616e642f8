"""A failing input made small: definitions, lines, then words are left out while it still fails in
the same way (delta debugging, Zeller and Hildebrandt 2002)."""

from __future__ import annotations

import re
from collections.abc import Callable

PARTS = (re.compile(r"(?m)^(?=\w)"), re.compile(r"(?<=[\n;])"), re.compile(r"(?<=\W)|(?=\W)"))
#: Texts tried for one input.
TRIES = 1500


def shrunk(text: str, fails: Callable[[str], bool], tries: int = TRIES) -> str:
    """A text, as short as is soon found, for which `fails` still holds."""
    left = [tries]
    for pattern in PARTS:
        parts = [part for part in pattern.split(text) if part]
        text = "".join(_least(parts, fails, left))
    return text


def _least(parts: list[str], fails: Callable[[str], bool], left: list[int]) -> list[str]:
    size = max(1, len(parts) // 2)
    while parts:
        at, removed = 0, False
        while at < len(parts) and left[0] > 0:
            left[0] -= 1
            fewer = parts[:at] + parts[at + size :]
            if fails("".join(fewer)):
                parts, removed = fewer, True
            else:
                at += size
        if left[0] <= 0 or (size == 1 and not removed):
            break
        size = max(1, size // 2) if not removed or size > 1 else 1
    return parts
