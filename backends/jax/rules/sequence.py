"""Flax NNX rules of sequences. Channels are the last axis."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, atom, call, flat
from resdsl.codegen.python.operations import given_sizes, rank, shared
from resdsl.codegen.python.target import Scribe
from resdsl.ops.sequence import Pick, Reshape, Token, Transpose

from .scalars import numbers
from .tables import FUNCTIONS, LAYERS, Common


@FUNCTIONS.emits(Reshape)
def _reshape(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, wanted = arguments[0], given_sizes(op)
    texts = list(map(scribe.text, wanted))
    if len(wanted) == 1:
        scribe.uses.helpers.add("flatten")
        return f"flatten({x})"
    if wanted[0] == op.channels and x.isidentifier():
        # Positions are counted alike wherever the channels lie.
        return f"{x}.reshape({x}.shape[0], {', '.join(texts[1:])}, {x}.shape[-1])"
    scribe.uses.helpers.add("reshaped")
    return flat(Group("reshaped(", (x, *texts)))


@FUNCTIONS.emits(Transpose)
def _transpose(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.imports.add("import jax.numpy as jnp")
    last = rank(op) + 1
    one, other = (shared(op, name) or last for name in ("one", "other"))
    return f"jnp.swapaxes({arguments[0]}, {one}, {other})"


@LAYERS.emits(Token)
def _token(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    sizes = [scribe.text(layer.op.attributes["count"]), scribe.text(layer.channels)]
    return call("nnx.Param", numbers(layer.op, sizes, scribe))


@FUNCTIONS.emits(Token)
def _with_token(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.helpers.add("with_tokens")
    x, tokens = arguments
    return f"with_tokens({tokens}[...], {x})"


@FUNCTIONS.emits(Pick)
def _pick(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return f"{atom(arguments[0])}[:, {scribe.text(op.attributes['position'])}]"
