"""Flax NNX rules of operations that only move, drop or add entries."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import SymbolicOp
from resdsl.codegen.python.joins import cuts
from resdsl.codegen.python.layout import Keyword, atom, step
from resdsl.codegen.python.operations import each, pairs_of, sides_of
from resdsl.codegen.python.target import Scribe
from resdsl.ops.shape import Flatten, Identity, Pad, PadChannels, Split, Subsample

from .tables import (
    APPLICATIONS,
    FUNCTIONS,
    Application,
    given,
    positions,
)


@APPLICATIONS.emits(Identity)
def _identity(op: SymbolicOp, scribe: Scribe) -> Application:
    return Application("nnx.identity")


def _is_single(op: SymbolicOp) -> bool:
    """Whether there is one position, so that all orders are the same."""
    return all(set(i.inputs[0].spatial) == {1} for i in op.instances)


@APPLICATIONS.emits(Flatten)
def _flatten(op: SymbolicOp, scribe: Scribe) -> Application:
    if _is_single(op):
        scribe.uses.imports.add("import jax.numpy as jnp")
        return Application("jnp.squeeze", (Keyword("axis", positions(op)),))
    scribe.uses.helpers.add("flatten")
    return Application("flatten")


@APPLICATIONS.emits(Pad)
def _pad(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.imports.add("import jax.numpy as jnp")
    pairs = pairs_of(sides_of(op, "amount"), scribe.text)
    # A vector has no positions to pad, and `pad(0)` leaves it as it is.
    amount = f"((0, 0), {pairs}, (0, 0))" if pairs else "((0, 0), (0, 0))"
    value = given(scribe, 0.0, constant_values=op.attributes["value"])
    return Application("jnp.pad", (Keyword("pad_width", amount), *value), positional=1)


@APPLICATIONS.emits(PadChannels)
def _pad_channels(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("pad_channels")
    channels = Keyword("channels", scribe.text(op.attributes["to"]))
    return Application("pad_channels", (channels,), positional=1)


@FUNCTIONS.emits(Identity)
def _nothing(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return arguments[0]


@FUNCTIONS.emits(Flatten)
def _flattened(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if _is_single(op):
        return f"{atom(arguments[0])}.squeeze({positions(op)})"
    return _flatten(op, scribe).to(arguments[0])


@FUNCTIONS.emits(Split)
def _split(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.imports.add("import jax.numpy as jnp")
    return f"jnp.split({arguments[0]}, {cuts(op, scribe)}, axis=-1)"


@FUNCTIONS.emits(Subsample)
def _subsample(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if all(i.inputs[0].rank == 0 for i in op.instances):
        return arguments[0]  # every position of a vector, which has none
    steps = [step(scribe.text(e)) for e in each(op, "by")]
    return f"{atom(arguments[0])}[{', '.join([':', *steps])}]"
