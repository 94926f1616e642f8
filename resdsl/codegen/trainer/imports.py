"""Import lines as ruff orders them: the standard library, packages, files beside this one."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from resdsl.codegen.python.layout import INDENT, WIDTH


def import_lines(imports: Iterable[str], local: str) -> list[str]:
    """The import lines of a file. `imports` has lines of one or several names each, as
    `from a import b, c`; the module `local` lies beside the file."""
    sections: list[list[str]] = [[], [], []]
    for line in (*_whole(imports), *_members(imports)):
        top = line.split(" ")[1].partition(".")[0]
        sections[2 if top == local else 0 if top in sys.stdlib_module_names else 1].append(line)
    return [line for section in sections if section for line in (*section, "")][:-1]


def _whole(imports: Iterable[str]) -> list[str]:
    return sorted({line for line in imports if line.startswith("import ")})


def _members(imports: Iterable[str]) -> list[str]:
    """`from a import b, c`, one line for each module, over several where it is long; a name that
    is changed has a line of its own."""
    modules: dict[str, set[str]] = {}
    for line in imports:
        if line.startswith("from "):
            module, _, names = line.removeprefix("from ").partition(" import ")
            modules.setdefault(module, set()).update(name.strip() for name in names.split(","))
    lines = []
    for module in sorted(modules):
        members = sorted(modules[module], key=_order)
        plain = [name for name in members if " as " not in name]
        groups = [[name] for name in members if " as " in name] + ([plain] if plain else [])
        for group in sorted(groups, key=lambda names: _order(names[0])):
            line = f"from {module} import {', '.join(group)}"
            broken = [f"from {module} import (", *(f"{INDENT}{name}," for name in group), ")"]
            lines.append(line if len(line) <= WIDTH else "\n".join(broken))
    return lines


def _order(name: str) -> tuple[int, str]:
    """Constants, classes, then functions."""
    name = name.partition(" as ")[0]
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name
