"""Codes R07xx from R0706 on, the command line and what it writes."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

CODES: list[Code] = []
