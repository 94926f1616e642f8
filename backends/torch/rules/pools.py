"""PyTorch rules of pools."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, atom, call
from resdsl.codegen.python.operations import (
    each,
    padding,
    pool_stride,
    rank,
    shared,
)
from resdsl.codegen.python.target import Scribe
from resdsl.diagnostics import error
from resdsl.ops import Op
from resdsl.ops.pooling import (
    AdaptiveAvgPool,
    AvgPool,
    BlurPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)

from .tables import FUNCTIONS, ITEMS, call_text, each_text, functional, given, sides_text

_KINDS: dict[type[Op], str] = {MaxPool: "Max", AvgPool: "Avg"}


@ITEMS.emits(AdaptiveAvgPool)
def _adaptive_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return call(f"nn.AdaptiveAvgPool{rank(layer.op)}d", each_text(each(layer.op, "size"), scribe))


@ITEMS.emits(MaxPool, AvgPool)
def _pool_item(layer: OpLayer, scribe: Scribe) -> Doc:
    if padding(layer.op).symmetric is None:
        scribe.uses.helpers.add("Lambda")
        return call("Lambda", f"lambda x: {_pool(layer.op, ['x'], scribe)}")
    name = f"nn.{_KINDS[layer.op.kind]}Pool{rank(layer.op)}d"
    return Group(f"{name}(", tuple(_pool_arguments(layer.op, scribe)))


def _pool_arguments(op: SymbolicOp, scribe: Scribe, *, padded: bool = False) -> list[Doc]:
    """Arguments of a pool; with `padded` the input has its padding already."""
    kernel, stride = each(op, "kernel"), pool_stride(op)
    items: list[Doc] = [each_text(kernel, scribe)]
    if stride != kernel:
        items.append(Keyword("stride", each_text(stride, scribe)))
    pads = padding(op)
    if pads.symmetric is not None and not padded and not pads.is_none:
        items.append(Keyword("padding", each_text(pads.symmetric, scribe)))
    items += given(scribe, False, ceil_mode=op.attributes["ceil"])
    if op.kind is AvgPool and not padded:
        items += given(scribe, True, count_include_pad=op.attributes["count_pad"])
    return items


@FUNCTIONS.emits(AdaptiveAvgPool)
def _adaptive(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    functional(scribe)
    return f"F.adaptive_avg_pool{rank(op)}d({arguments[0]}, {each_text(each(op, 'size'), scribe)})"


@FUNCTIONS.emits(BlurPool)
def _blur_pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.helpers.add("blur_pool")
    sizes = (scribe.text(op.attributes[name]) for name in ("kernel", "stride"))
    return call_text("blur_pool", [arguments[0], *sizes])


@FUNCTIONS.emits(GlobalAvgPool, GlobalMaxPool)
def _global_pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    method = "mean" if op.kind is GlobalAvgPool else "amax"
    keep = given(scribe, False, keepdim=op.attributes["keep"])
    more = "".join(f", {k.name}={k.value}" for k in keep)
    axes = "2" if rank(op) == 1 else f"({', '.join(map(str, range(2, 2 + rank(op))))})"
    return f"{atom(arguments[0])}.{method}(dim={axes}{more})"


@FUNCTIONS.emits(MaxPool, AvgPool)
def _pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    functional(scribe)
    pads = padding(op)
    is_max = op.kind is MaxPool
    name = f"F.{_KINDS[op.kind].lower()}_pool{rank(op)}d"
    if pads.symmetric is not None:
        return call_text(name, [arguments[0], *_pool_arguments(op, scribe)])
    if shared(op, "ceil"):
        raise error(
            "R0503",
            "a pool with `ceil` and uneven padding has no form in PyTorch",
            op.attributes["pad"].span or op.span,
            help="pad the input with `pad` before the pool",
        )
    value = ', value=float("-inf")' if is_max else ""
    if pads.sides is None:
        scribe.uses.helpers.add("same_pad")
        sizes = f"{each_text(each(op, 'kernel'), scribe)}, {each_text(pool_stride(op), scribe)}"
        padded = f"same_pad({arguments[0]}, {sizes}{value})"
    else:
        padded = f"F.pad({arguments[0]}, {sides_text(pads.sides, scribe)}{value})"
    inner = _pool_arguments(op, scribe, padded=True)
    if is_max or shared(op, "count_pad"):
        return call_text(name, [padded, *inner])
    # Padding does not count: divide by the share of each window that lies inside.
    scribe.uses.imports.add("import torch")
    ones = padded.replace(f"({arguments[0]},", f"(torch.ones_like({arguments[0]}),", 1)
    return f"{call_text(name, [padded, *inner])} / {call_text(name, [ones, *inner])}"
