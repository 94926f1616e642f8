"""Keras rules of sequences. Channels are the last axis."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, atom
from resdsl.codegen.python.operations import given_sizes, leaves_rest, rank, shared
from resdsl.codegen.python.target import Scribe
from resdsl.ops.sequence import Pick, Reshape, Token, Transpose

from ..layer_classes import Style
from .scalars import start_text
from .tables import FUNCTIONS, LAYERS, given, helper_call, ops_call


@FUNCTIONS.emits(Reshape)
def _reshape(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, wanted = arguments[0], given_sizes(op)
    texts = list(map(scribe.text, wanted))
    if len(wanted) == 1:
        return helper_call("flatten", [x], scribe)
    if wanted[0] == op.channels and not leaves_rest(op) and x.isidentifier():
        # Positions are counted alike wherever the channels lie.
        return ops_call("reshape", [x, f"(-1, {', '.join(texts[1:])}, {x}.shape[-1])"], scribe)
    return helper_call("reshaped", [x, *texts], scribe)


@FUNCTIONS.emits(Transpose)
def _transpose(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    last = rank(op) + 1
    one, other = (shared(op, name) or last for name in ("one", "other"))
    return ops_call("swapaxes", [arguments[0], str(one), str(other)], scribe)


@LAYERS.emits(Token)
def _token(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    scribe.uses.helpers.add("Token")
    start = start_text(layer.op, scribe, "zeros")
    count = given(scribe, 1, count=layer.op.attributes["count"])
    return Group("Token(", (*([] if start is None else [start]), *count))


@FUNCTIONS.emits(Token)
def _with_token(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, layer = arguments
    return f"{layer}({x})"


@FUNCTIONS.emits(Pick)
def _pick(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return f"{atom(arguments[0])}[:, {scribe.text(op.attributes['position'])}]"
