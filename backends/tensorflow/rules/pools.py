"""Keras rules of pools."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import (
    Each,
    Padding,
    each,
    is_default,
    padding,
    pool_stride,
    rank,
    shared,
)
from resdsl.codegen.python.target import Scribe
from resdsl.expressions.nodes import Literal
from resdsl.ops.pooling import (
    AdaptiveAvgPool,
    AvgPool,
    BlurPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)

from .tables import (
    FUNCTIONS,
    ITEMS,
    each_text,
    given,
    helper_call,
    nested_sides,
    one_text,
    ops_call,
    padded_call,
    positions,
    sides_text,
)

#: Keras has layers for more dimensions, but TensorFlow computes them in single precision alone.
_MOST_OF_LAYERS = 2


def _stride(kernel: Each, stride: Each, scribe: Scribe) -> list[Keyword]:
    """The strides of a pool, where they are not its kernel."""
    return [] if stride == kernel else [Keyword("strides", one_text(stride, scribe))]


@ITEMS.emits(GlobalAvgPool, GlobalMaxPool)
def _global_item(layer: OpLayer, scribe: Scribe) -> Doc:
    kind = "Average" if layer.op.kind is GlobalAvgPool else "Max"
    keep = given(scribe, False, keepdims=layer.op.attributes["keep"])
    return Group(f"layers.Global{kind}Pooling{rank(layer.op)}D(", tuple(keep))


@ITEMS.emits(MaxPool, AvgPool)
def _pool_item(layer: OpLayer, scribe: Scribe) -> Doc | None:
    op = layer.op
    pads = padding(op)
    ceil = not is_default(op.attributes["ceil"], False)
    if ceil or rank(op) > _MOST_OF_LAYERS or not _as_keras(op, pads):
        return None
    kind = "Max" if op.kind is MaxPool else "Average"
    return Group(f"layers.{kind}Pooling{rank(op)}D(", tuple(_pool_arguments(op, pads, scribe)))


def _as_keras(op: SymbolicOp, pads: Padding) -> bool:
    """Whether Keras's pools have this padding. Its means leave out what `"same"` adds."""
    if pads.sides is None:
        return op.kind is MaxPool or is_default(op.attributes["count_pad"], False)
    return pads.is_none


def _pool_arguments(op: SymbolicOp, pads: Padding, scribe: Scribe) -> list[Doc]:
    kernel = each(op, "kernel")
    same = [Keyword("padding", '"same"')] if pads.sides is None else []
    return [one_text(kernel, scribe), *_stride(kernel, pool_stride(op), scribe), *same]


def _pool(op: SymbolicOp, x: str, pads: Padding, scribe: Scribe) -> str:
    """A pool as Keras has it."""
    name = "max_pool" if op.kind is MaxPool else "average_pool"
    if rank(op) <= _MOST_OF_LAYERS:
        return ops_call(name, [x, *_pool_arguments(op, pads, scribe)], scribe)
    sizes = each_text(each(op, "kernel"), scribe), each_text(pool_stride(op), scribe)
    same = [Keyword("padding", '"same"')] if pads.sides is None else []
    return helper_call("pool3d", [f"ops.{name}", x, *sizes, *same], scribe)


def _helper(name: str, op: SymbolicOp) -> str:
    """The helper of that name for the rank of an operation."""
    return name if rank(op) <= _MOST_OF_LAYERS else f"{name}3d"


@FUNCTIONS.emits(AdaptiveAvgPool)
def _adaptive(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    sizes = map(scribe.text, each(op, "size"))
    return helper_call("adaptive_avg_pool", [arguments[0], *sizes], scribe)


@FUNCTIONS.emits(BlurPool)
def _blur_pool(op: SymbolicOp, tensors: Sequence[str], scribe: Scribe) -> str:
    sizes = (scribe.text(op.attributes[name]) for name in ("kernel", "stride"))
    return helper_call("blur_pool", [tensors[0], *sizes], scribe)


@FUNCTIONS.emits(GlobalAvgPool, GlobalMaxPool)
def _global_pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    name = "mean" if op.kind is GlobalAvgPool else "max"
    keep = given(scribe, False, keepdims=op.attributes["keep"])
    return ops_call(name, [arguments[0], Keyword("axis", positions(op)), *keep], scribe)


@FUNCTIONS.emits(MaxPool)
def _max_pool(op: SymbolicOp, tensors: Sequence[str], scribe: Scribe) -> str:
    x, pads = tensors[0], padding(op)
    if pads.sides is not None and shared(op, "ceil"):
        sizes = each_text(each(op, "kernel"), scribe), each_text(pool_stride(op), scribe)
        arguments = [x, *sizes, nested_sides(pads.sides, scribe)]
        return helper_call(_helper("ceil_max_pool", op), arguments, scribe)
    if pads.sides is not None and not pads.is_none:
        scribe.uses.imports.add("import math")
        x = padded_call(x, sides_text(pads.sides, scribe), ["-math.inf"], scribe)
    return _pool(op, x, pads, scribe)


@FUNCTIONS.emits(AvgPool)
def _avg_pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, pads = arguments[0], padding(op)
    ceil = shared(op, "ceil") and pads.sides is not None
    if not ceil and _as_keras(op, pads):
        return _pool(op, x, pads, scribe)
    kernel, stride = each_text(each(op, "kernel"), scribe), each_text(pool_stride(op), scribe)
    if pads.sides is None:
        sides = helper_call("same_sides", [x, kernel, stride], scribe)
    else:
        sides = (nested_sides if ceil else sides_text)(pads.sides, scribe)
    counts = op.attributes["count_pad"]
    if not ceil and is_default(counts, True):
        none = Padding((Literal(0), Literal(0)) * rank(op))
        return _pool(op, padded_call(x, sides, [], scribe), none, scribe)
    options = [Keyword("ceil", "True")] if ceil else []
    options += given(scribe, True, count_pad=counts)
    return helper_call(_helper("avg_pool", op), [x, kernel, stride, sides, *options], scribe)
