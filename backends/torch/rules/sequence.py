"""PyTorch rules of sequences."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, atom, call
from resdsl.codegen.python.operations import given_sizes, leaves_rest, shared
from resdsl.codegen.python.target import Scribe
from resdsl.ops.sequence import Pick, Reshape, Token, Transpose

from .scalars import numbers
from .tables import FUNCTIONS, LAYERS


@FUNCTIONS.emits(Reshape)
def _reshape(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, wanted = atom(arguments[0]), given_sizes(op)
    if len(wanted) == 1:
        return f"{x}.flatten(1)"
    text = ", ".join(map(scribe.text, wanted))
    if leaves_rest(op):
        return f"{x}.flatten(1).unflatten(1, ({text}))"
    return f"{x}.reshape(-1, {text})"


@FUNCTIONS.emits(Transpose)
def _transpose(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    one, other = (shared(op, name) + 1 for name in ("one", "other"))
    return f"{atom(arguments[0])}.transpose({one}, {other})"


@LAYERS.emits(Token)
def _token(layer: OpLayer, scribe: Scribe) -> Doc:
    sizes = [scribe.text(layer.channels), scribe.text(layer.op.attributes["count"])]
    return call("nn.Parameter", numbers(layer.op, sizes, scribe))


@FUNCTIONS.emits(Token)
def _with_token(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.imports.add("import torch")
    x, tokens = arguments
    return f"torch.cat([{tokens}.expand({atom(x)}.shape[0], -1, -1), {x}], dim=2)"


@FUNCTIONS.emits(Pick)
def _pick(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return f"{atom(arguments[0])}[:, :, {scribe.text(op.attributes['position'])}]"
