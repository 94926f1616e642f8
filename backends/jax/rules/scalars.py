"""Flax NNX rules of learned numbers: parameters of the module that uses them."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, call, flat
from resdsl.codegen.python.operations import is_default, shared
from resdsl.codegen.python.scalars import (
    is_learned,
    positions_of,
    start_of,
    with_constant,
    with_weight,
)
from resdsl.codegen.python.target import Scribe
from resdsl.ops import Initializer
from resdsl.ops.scalars import Offset, Scale

from ..initial_values import weight_init
from .tables import FUNCTIONS, LAYERS, Common


@LAYERS.emits(Scale, Offset)
def _parameter(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return call("nnx.Param", _start(layer, scribe))


def _start(layer: OpLayer, scribe: Scribe) -> Doc:
    op = layer.op
    sizes = ["1"] if shared(op, "per") == "tensor" else [scribe.text(layer.channels)]
    if shared(op, "per") == "entry":
        sizes = [*map(str, positions_of(op)), *sizes]
    return numbers(op, sizes, scribe)


def numbers(op: SymbolicOp, sizes: Sequence[str], scribe: Scribe) -> Doc:
    """An array of these sizes with what a weight starts from."""
    start = start_of(op)
    shape = f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"
    scribe.uses.imports.add("import jax.numpy as jnp")
    if isinstance(start, Initializer):
        drawn = flat(weight_init(start, scribe.uses))
        return call(drawn, "rngs.params()", shape, "jnp.float32")
    size = sizes[0] if len(sizes) == 1 else shape
    for value, name in ((0.0, "zeros"), (1.0, "ones")):
        if is_default(start, value):
            return call(f"jnp.{name}", size)
    # Its type is said, because that of a plain number gives way to any other.
    return call("jnp.full", size, scribe.text(start), "jnp.float32")


@FUNCTIONS.emits(Scale, Offset)
def _function(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if not is_learned(op):
        return with_constant(op, arguments[0], scribe)
    x, weight = arguments
    return with_weight(op, x, f"{weight}[...]")
