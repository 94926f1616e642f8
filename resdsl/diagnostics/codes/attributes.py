"""Codes R04xx, operations and their arguments."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = []
