"""Codes R02xx, names and definitions."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = []
