"""Room for what the language allows to be nested, and an error for what goes beyond.

Levels of blocks, braces, functions and brackets are bounded one by one, at 64 each. Python's own
limit on nested calls is lower than what those come to, and their product is higher than any stack.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from resdsl.diagnostics import Span, error

#: Calls of Python functions. Ten for each of 64 blocks in 64 braces would be 40 000; the stack of a
#: process takes this many with ease.
_CALLS = 6000


@contextmanager
def within_the_stack(place: Callable[[], Span | None]) -> Iterator[None]:
    """Let Python nest deeper, and turn its limit into an error of the author's at `place()`."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _CALLS))
    try:
        yield
    except RecursionError:
        raise error(
            "R0311", "blocks, conditions and function calls are nested too deeply here", place()
        ) from None
    finally:
        sys.setrecursionlimit(before)
