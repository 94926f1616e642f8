"""A failing network made small: the shortest `.res` text, found by cuts in its syntax tree, that is
still a network and still fails in the same way (delta debugging, Zeller and Hildebrandt 2002)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from resdsl.diagnostics import CompileError
from resdsl.fuzzing.compiling import Crash, Workshop
from resdsl.fuzzing.edits import smaller

NUMBER = re.compile(r"\b\d+\b")


def shrunk(text: str, workshop: Workshop, fails: Callable[[str], bool], seconds: float) -> str:
    """The text made small within so many seconds.

    `fails` says whether a text fails as the given one does. It is asked for networks alone.
    """
    until = time.monotonic() + seconds
    written, tried = set[str](), {text}
    smallest = text
    found = True
    while found:
        found = False
        for candidate in smaller(workshop.source(smallest)):
            if time.monotonic() > until:
                return smallest
            if candidate in written:
                continue
            written.add(candidate)
            laid_out = _laid_out(candidate, workshop)
            if laid_out is None or laid_out in tried or _size(laid_out) >= _size(smallest):
                continue
            tried.add(laid_out)
            if fails(laid_out):
                smallest, found = laid_out, True
                break
    return smallest


def _size(text: str) -> tuple[int, int]:
    """What is to become less: the words, then the numbers."""
    return len(text.split()), len(text) + sum(map(int, NUMBER.findall(text)))


def _laid_out(text: str, workshop: Workshop) -> str | None:
    """The text in the one layout, if it is a network, or the compiler fails on it."""
    try:
        laid_out = workshop.laid_out(text)
        return laid_out if workshop.probe(laid_out) is not None else None
    except Crash:
        return laid_out
    except CompileError:
        return None
