"""Sums and products of tensors, some of which stand in lists whose length is not written."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import SymbolicOp
from resdsl.codegen.python.layout import atom
from resdsl.codegen.python.target import Scribe
from resdsl.diagnostics import error
from resdsl.expressions.nodes import ListOf
from resdsl.expressions.simplify import fold_binary


def added(arguments: Sequence[str]) -> str:
    """`a + b`, `sum(parts[1:], parts[0])`: from the first to the last, as the language adds."""
    total = ""
    for argument in arguments:
        if argument.startswith("*"):
            parts = argument[1:]
            total = f"sum({parts}, {total})" if total else f"sum({parts}[1:], {parts}[0])"
        else:
            total = f"{total} + {atom(argument)}" if total else atom(argument)
    return total


def multiplied(op: SymbolicOp, arguments: Sequence[str], leading: str, scribe: Scribe) -> str:
    """`a * b`, `math.prod(gates[1:], start=gates[0])`. A vector that meets an image gets positions
    behind its `leading` axes."""
    example = op.instances[0]
    positions = f"[{', '.join([leading, *['None'] * example.output.rank])}]"
    ranks = {type_.rank for type_ in example.inputs}
    if any(argument.startswith("*") for argument in arguments):
        if len(ranks) > 1:
            raise error(
                "R0503",
                "`mul` of a list cannot repeat the positions of some",
                op.span,
                help="keep them: `global_avg_pool(keep = true)`",
            )
        texts = list(arguments)
    else:
        texts = [
            f"{atom(text)}{positions}" if type_.rank < example.output.rank else atom(text)
            for text, type_ in zip(arguments, example.inputs, strict=True)
        ]
    total = ""
    for text in texts:
        if text.startswith("*"):
            scribe.uses.imports.add("import math")
            parts = text[1:]
            rest, start = (parts, total) if total else (f"{parts}[1:]", f"{parts}[0]")
            total = f"math.prod({rest}, start={start})"
        else:
            total = f"{total} * {atom(text)}" if total else atom(text)
    return total


def joined_list(arguments: Sequence[str]) -> str:
    """The operands of a concatenation as one list."""
    if len(arguments) == 1 and arguments[0].startswith("*"):
        return arguments[0][1:]
    return f"[{', '.join(arguments)}]"


def cuts(op: SymbolicOp, scribe: Scribe) -> str:
    """Where `split` cuts, for frameworks that want positions: a number of parts, or the ends of
    all parts but the last."""
    parts = op.attributes["parts"]
    if op.forms("parts") == {int}:
        return scribe.text(parts)
    if not isinstance(parts, ListOf):
        sizes = scribe.atom(parts)
        return f"[sum({sizes}[:i]) for i in range(1, len({sizes}))]"
    ends = [parts.items[0]]
    for size in parts.items[1:-1]:
        ends.append(fold_binary("+", ends[-1], size))
    return f"[{', '.join(map(scribe.text, ends))}]"
