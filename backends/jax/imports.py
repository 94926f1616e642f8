"""Import lines in the order that `ruff` gives them."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def import_lines(wanted: Iterable[str]) -> list[str]:
    """One line a module; the standard library first, an empty line, then all others."""
    plain: set[str] = set()
    members: dict[str, set[str]] = {}
    for line in wanted:
        if line.startswith("import "):
            plain.add(line)
        else:
            module, names = line.removeprefix("from ").split(" import ")
            members.setdefault(module, set()).update(names.split(", "))
    froms = [f"from {m} import {', '.join(sorted(n, key=_rank))}" for m, n in members.items()]
    ordered = [*sorted(plain), *sorted(froms)]
    standard = [line for line in ordered if _package(line) in sys.stdlib_module_names]
    others = [line for line in ordered if line not in standard]
    return [*standard, *([""] if standard and others else []), *others]


def _package(line: str) -> str:
    return line.split()[1].partition(".")[0]


def _rank(name: str) -> tuple[bool, str]:
    """Classes before functions and modules."""
    return not name[0].isupper(), name
