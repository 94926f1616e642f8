"""Printing classes as Python: layout in `ruff format`'s way, expressions, statements, files."""
