"""PyTorch rules of sequences."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import SymbolicOp
from resdsl.codegen.python.layout import atom
from resdsl.codegen.python.operations import given_sizes, shared
from resdsl.codegen.python.target import Scribe
from resdsl.expressions.nodes import Literal
from resdsl.ops.sequence import REST, Pick, Reshape, Transpose

from .tables import FUNCTIONS


@FUNCTIONS.emits(Reshape)
def _reshape(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, wanted = atom(arguments[0]), given_sizes(op)
    if len(wanted) == 1:
        return f"{x}.flatten(1)"
    text = ", ".join(map(scribe.text, wanted))
    if Literal(REST) in wanted:
        return f"{x}.flatten(1).unflatten(1, ({text}))"
    return f"{x}.reshape(-1, {text})"


@FUNCTIONS.emits(Transpose)
def _transpose(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    one, other = (shared(op, name) + 1 for name in ("one", "other"))
    return f"{atom(arguments[0])}.transpose({one}, {other})"


@FUNCTIONS.emits(Pick)
def _pick(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return f"{atom(arguments[0])}[:, :, {scribe.text(op.attributes['position'])}]"
