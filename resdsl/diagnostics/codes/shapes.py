"""Codes R03xx, shapes, types and the bounds of evaluation."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = []
