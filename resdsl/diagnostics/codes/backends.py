"""Codes R05xx, code generation."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = []
