"""Pieces of source text."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.python.layout import INDENT, Group, layout
from resdsl.codegen.trainer.text import indented


def method(
    name: str, parameters: Sequence[str], result: str, doc: Sequence[str], body: Sequence[str]
) -> list[str]:
    """A method at its own indentation, one deep in a class."""
    group = Group(f"{name}(", ("self", *parameters), f") -> {result}:")
    head = [line.removeprefix(INDENT) for line in layout(group, 1, "def ")]
    return [*head, *indented([*doc, *body])]
