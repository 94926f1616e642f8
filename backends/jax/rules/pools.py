"""Flax NNX rules of pools."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import SymbolicOp
from resdsl.codegen.python.layout import Group, Keyword, atom, flat
from resdsl.codegen.python.operations import (
    ONE,
    each,
    nested,
    padding,
    pool_stride,
    shared,
)
from resdsl.codegen.python.target import Scribe
from resdsl.ops.pooling import (
    AdaptiveAvgPool,
    AvgPool,
    BlurPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)

from .tables import (
    APPLICATIONS,
    FUNCTIONS,
    Application,
    each_text,
    given,
    positions,
)


@APPLICATIONS.emits(AdaptiveAvgPool)
def _adaptive(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("adaptive_avg_pool")
    size = each_text(each(op, "size"), scribe)
    return Application("adaptive_avg_pool", (Keyword("size", size),), positional=1)


@APPLICATIONS.emits(BlurPool)
def _blur_pool(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("blur_pool")
    sizes = (Keyword(name, scribe.text(op.attributes[name])) for name in ("kernel", "stride"))
    return Application("blur_pool", tuple(sizes), positional=2)


@APPLICATIONS.emits(GlobalAvgPool)
def _global_avg_pool(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.imports.add("import jax.numpy as jnp")
    keep = given(scribe, False, keepdims=op.attributes["keep"])
    return Application("jnp.mean", (Keyword("axis", positions(op)), *keep))


@APPLICATIONS.emits(GlobalMaxPool)
def _global_max_pool(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("global_max_pool")
    keep = given(scribe, False, keepdims=op.attributes["keep"])
    return Application("global_max_pool", tuple(keep))


@APPLICATIONS.emits(MaxPool, AvgPool)
def _pool(op: SymbolicOp, scribe: Scribe) -> Application:
    pads = padding(op)
    strides = Keyword("strides", each_text(pool_stride(op), scribe))
    around: list[Keyword] = []
    if pads.sides is None:
        around = [Keyword("padding", '"SAME"')]
    elif not pads.is_none:
        around = [Keyword("padding", nested(pads.sides, scribe.text))]
    # TensorFlow's rule leaves nothing that a window could hang over.
    ceil = shared(op, "ceil") and pads.sides is not None
    leaves_out = op.kind is AvgPool and around and not shared(op, "count_pad")
    window = each_text(each(op, "kernel"), scribe)
    if not ceil and not leaves_out:
        moving = [] if all(s == ONE for s in pool_stride(op)) else [strides]
        arguments = (Keyword("window_shape", window), *moving, *around)
        return Application(f"nnx.{op.kind.name}", arguments, positional=1)
    name = "ceil_max_pool" if op.kind is MaxPool else "counted_avg_pool"
    scribe.uses.helpers.add(name)
    options = [Keyword("ceil", "True")] if ceil and op.kind is AvgPool else []
    options += [Keyword("count_padding", "False")] if leaves_out else []
    arguments = (Keyword("window", window), strides, *around, *options)
    return Application(name, arguments, positional=1)


@FUNCTIONS.emits(GlobalAvgPool)
def _averaged(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    keep = given(scribe, False, keepdims=op.attributes["keep"])
    return flat(Group(f"{atom(arguments[0])}.mean(", (Keyword("axis", positions(op)), *keep)))
