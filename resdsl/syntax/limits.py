"""The bounds on what a `.res` file may be, each with a diagnostic of its own.

They keep every later stage within a known amount of work and of Python's stack, whatever a file
holds; no network from a paper comes near them.
"""

from __future__ import annotations

from typing import Final

FILE_BYTES: Final = 4 * 1024 * 1024
TEXT_BYTES: Final = 64 * 1024

LARGEST_NUMBER: Final = 2**63 - 1
"""Whole numbers have 64 bits, with the sign."""

NESTING: Final = 64
"""Levels of braces, and of brackets inside one statement."""

EXPRESSION_DEPTH: Final = 128
"""Levels of an expression's tree: a chain of `+` is as deep as it is long."""

LINE: Final = 128 * 1024
"""Characters of one line: room for the longest text."""

UNBROKEN: Final = 8192
"""Characters of one expression without a bracket, comma, text or line end."""

RECOVERED: Final = 256 * 1024
"""Characters of one definition: in a longer one, no error behind the first is looked for."""

ERRORS: Final = 100
"""Errors reported in one run."""
