"""Keras rules of joins."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import SymbolicOp
from resdsl.codegen.python.layout import Keyword, atom
from resdsl.codegen.python.target import Scribe
from resdsl.ops.joins import Add, Concat, Mul, Sub

from .tables import (
    FUNCTIONS,
    ops_call,
)


@FUNCTIONS.emits(Add, Sub)
def _sum(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return (" + " if op.kind is Add else " - ").join(map(atom, arguments))


@FUNCTIONS.emits(Mul)
def _mul(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    instance = op.instances[0]
    positions = ", ".join([":", *["None"] * instance.output.rank])
    parts = [
        f"{text}[{positions}]" if type_.rank < instance.output.rank else text
        for text, type_ in zip(map(atom, arguments), instance.inputs, strict=True)
    ]
    return " * ".join(parts)


@FUNCTIONS.emits(Concat)
def _concat(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    tensors = f"[{', '.join(arguments)}]"
    return ops_call("concatenate", [tensors, Keyword("axis", "-1")], scribe)
