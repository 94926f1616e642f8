"""Which values `--probe` looks at: all, the last of every block, or those that a pattern fits."""

from __future__ import annotations

from fnmatch import fnmatchcase

from resdsl.codegen.runtime import Facts
from resdsl.diagnostics import error

ALL = "all"
BLOCKS = "blocks"


def chosen(facts: Facts, pattern: str) -> tuple[str, ...]:
    """The names of the values, in the order of their making.

    `all`, `blocks`, or a pattern as shells have them, over canonical paths: `layer1.*.relu?`, in
    which `*` stands for dots too. Raises `CompileError` where it fits none.
    """
    names = [value.name for value in facts.values]
    if pattern == ALL:
        return tuple(names)
    if pattern == BLOCKS:
        last = last_of_scopes(names)
        return tuple(name for name in names if name in last)
    found = tuple(name for name in names if fnmatchcase(name.partition("#")[0], pattern))
    if not found:
        example = names[len(names) // 2]
        raise error(
            "R0601",
            f"no value of `{facts.model}` is called like `{pattern}`",
            help=f"`--probe all` looks at every one, such as `{example}`; `--probe blocks` at the "
            "last of every block",
        )
    return found


def last_of_scopes(names: list[str]) -> set[str]:
    """The last value of the network, and of each scope in it."""
    last: dict[str, str] = {}
    for name in names:
        scopes = name.split(".")[:-1]
        for depth in range(len(scopes) + 1):
            last[".".join(scopes[:depth])] = name
    return set(last.values())
