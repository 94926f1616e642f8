"""Emit rules: each operation as a layer, as a module in a sequence, or as a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, atom, call, step
from resdsl.codegen.python.operations import (
    Pair,
    is_default,
    is_square,
    padding,
    pair,
    pool_stride,
    rank,
    shared,
)
from resdsl.codegen.python.target import Scribe
from resdsl.codegen.rules import RuleSet
from resdsl.diagnostics import error
from resdsl.expressions.nodes import Expr, Literal
from resdsl.ops.activation import Relu, Softmax
from resdsl.ops.conv import Conv
from resdsl.ops.joins import Add, Concat, Mul, Sub
from resdsl.ops.linear import Linear
from resdsl.ops.norm import BatchNorm, LocalResponseNorm
from resdsl.ops.pooling import AdaptiveAvgPool, AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from resdsl.ops.shape import Flatten, Identity, Pad, PadChannels, Subsample
from resdsl.ops.stochastic import Dropout

LAYERS: RuleSet[Callable[[OpLayer, Scribe], Doc]] = RuleSet("torch")
ITEMS: RuleSet[Callable[[OpLayer, Scribe], Doc]] = RuleSet("torch")
FUNCTIONS: RuleSet[Callable[[SymbolicOp, Sequence[str], Scribe], str]] = RuleSet("torch")


def _pair(values: Pair, scribe: Scribe) -> str:
    """One number where both directions are alike, else a tuple."""
    first, second = map(scribe.text, values)
    return first if first == second else f"({first}, {second})"


def _given(scribe: Scribe, default: object, **arguments: Expr) -> list[Keyword]:
    """Arguments by name, without those equal to the framework's default."""
    return [Keyword(n, scribe.text(e)) for n, e in arguments.items() if not is_default(e, default)]


def _sides(sides: tuple[Expr, Expr, Expr, Expr], scribe: Scribe) -> str:
    """Four paddings in PyTorch's order: left, right, top, bottom."""
    top, bottom, left, right = map(scribe.text, sides)
    return f"({left}, {right}, {top}, {bottom})"


# ---- layers --------------------------------------------------------------------------------------


@LAYERS.emits(Conv)
def _conv(layer: OpLayer, scribe: Scribe) -> Doc:
    op = layer.op
    kernel, stride, dilation = (pair(op, n) for n in ("kernel", "stride", "dilation"))
    items: list[Doc] = [
        scribe.text(layer.channels),
        scribe.text(op.attributes["out"]),
        _pair(kernel, scribe),
    ]
    if stride != (Literal(1), Literal(1)):
        items.append(Keyword("stride", _pair(stride, scribe)))
    pads = padding(op)
    name = "nn.Conv2d"
    if pads.symmetric is not None:
        if not pads.is_none:
            items.append(Keyword("padding", _pair(pads.symmetric, scribe)))
    elif pads.sides is None:
        name = "SameConv2d"
        scribe.uses.helpers |= {"SameConv2d", "same_pad"}
    else:
        name = "PaddedConv2d"
        scribe.uses.helpers.add(name)
        items.append(Keyword("sides", _sides(pads.sides, scribe)))
    if dilation != (Literal(1), Literal(1)):
        items.append(Keyword("dilation", _pair(dilation, scribe)))
    items += _given(scribe, 1, groups=op.attributes["groups"])
    items += _given(scribe, True, bias=op.attributes["bias"])
    return Group(f"{name}(", tuple(items))


@LAYERS.emits(Linear)
def _linear(layer: OpLayer, scribe: Scribe) -> Doc:
    name = "nn.Linear"
    if rank(layer.op) > 0:
        name = "PositionwiseLinear"
        scribe.uses.helpers.add(name)
    items = [scribe.text(layer.channels), scribe.text(layer.op.attributes["out"])]
    items_: list[Doc] = [*items, *_given(scribe, True, bias=layer.op.attributes["bias"])]
    return Group(f"{name}(", tuple(items_))


@LAYERS.emits(BatchNorm)
def _batch_norm(layer: OpLayer, scribe: Scribe) -> Doc:
    op = layer.op
    name = "nn.BatchNorm2d" if rank(op) == 2 else "nn.BatchNorm1d"
    if shared(op, "variance") == "population":
        name = name.replace("nn.", "Population")
        scribe.uses.helpers |= {"population_batch_norm", name}
    items: list[Doc] = [
        scribe.text(layer.channels),
        *_given(scribe, 1e-5, eps=op.attributes["eps"]),
        *_given(scribe, 0.1, momentum=op.attributes["momentum"]),
        *_given(scribe, True, affine=op.attributes["affine"]),
    ]
    return Group(f"{name}(", tuple(items))


@LAYERS.emits(Dropout)
def _dropout(layer: OpLayer, scribe: Scribe) -> Doc:
    return call("nn.Dropout", scribe.text(layer.op.attributes["rate"]))


# ---- modules without state -----------------------------------------------------------------------


@ITEMS.emits(Relu)
def _relu_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "nn.ReLU()"


@ITEMS.emits(Softmax)
def _softmax_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "nn.Softmax(dim=1)"


@ITEMS.emits(Flatten)
def _flatten_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "nn.Flatten()"


@ITEMS.emits(Identity)
def _identity_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "nn.Identity()"


@ITEMS.emits(AdaptiveAvgPool)
def _adaptive_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return call("nn.AdaptiveAvgPool2d", _pair(pair(layer.op, "size"), scribe))


@ITEMS.emits(LocalResponseNorm)
def _lrn_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return Group("nn.LocalResponseNorm(", tuple(_lrn_arguments(layer.op, scribe)))


@ITEMS.emits(MaxPool, AvgPool)
def _pool_item(layer: OpLayer, scribe: Scribe) -> Doc:
    if padding(layer.op).symmetric is None:
        scribe.uses.helpers.add("Lambda")
        return call("Lambda", f"lambda x: {_pool(layer.op, ['x'], scribe)}")
    name = "nn.MaxPool2d" if layer.op.kind is MaxPool else "nn.AvgPool2d"
    return Group(f"{name}(", tuple(_pool_arguments(layer.op, scribe)))


def _pool_arguments(op: SymbolicOp, scribe: Scribe, *, padded: bool = False) -> list[Doc]:
    """Arguments of a pool; with `padded` the input has its padding already."""
    kernel, stride = pair(op, "kernel"), pool_stride(op)
    items: list[Doc] = [_pair(kernel, scribe)]
    if stride != kernel:
        items.append(Keyword("stride", _pair(stride, scribe)))
    pads = padding(op).symmetric
    if pads is not None and not padded and pads != (Literal(0), Literal(0)):
        items.append(Keyword("padding", _pair(pads, scribe)))
    items += _given(scribe, False, ceil_mode=op.attributes["ceil"])
    if op.kind is AvgPool and not padded:
        items += _given(scribe, True, count_include_pad=op.attributes["count_pad"])
    return items


# ---- functions -----------------------------------------------------------------------------------


def _functional(scribe: Scribe) -> None:
    scribe.uses.imports.add("import torch.nn.functional as F")


@FUNCTIONS.emits(Relu)
def _relu(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    _functional(scribe)
    return f"F.relu({arguments[0]})"


@FUNCTIONS.emits(Softmax)
def _softmax(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    _functional(scribe)
    return f"F.softmax({arguments[0]}, dim=1)"


@FUNCTIONS.emits(Flatten)
def _flatten(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return f"{atom(arguments[0])}.flatten(1)"


@FUNCTIONS.emits(Identity)
def _identity(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return arguments[0]


@FUNCTIONS.emits(AdaptiveAvgPool)
def _adaptive(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    _functional(scribe)
    return f"F.adaptive_avg_pool2d({arguments[0]}, {_pair(pair(op, 'size'), scribe)})"


@FUNCTIONS.emits(GlobalAvgPool, GlobalMaxPool)
def _global_pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    method = "mean" if op.kind is GlobalAvgPool else "amax"
    keep = _given(scribe, False, keepdim=op.attributes["keep"])
    more = "".join(f", {k.name}={k.value}" for k in keep)
    return f"{atom(arguments[0])}.{method}(dim=(2, 3){more})"


def _lrn_arguments(op: SymbolicOp, scribe: Scribe) -> list[Doc]:
    a = op.attributes
    return [
        scribe.text(a["size"]),
        *_given(scribe, 1e-4, alpha=a["alpha"]),
        *_given(scribe, 0.75, beta=a["beta"]),
        *_given(scribe, 1.0, k=a["k"]),
    ]


@FUNCTIONS.emits(LocalResponseNorm)
def _lrn(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    _functional(scribe)
    return _call("F.local_response_norm", [arguments[0], *_lrn_arguments(op, scribe)])


def _call(function: str, items: Sequence[Doc]) -> str:
    from resdsl.codegen.python.layout import flat

    return flat(Group(f"{function}(", tuple(items)))


@FUNCTIONS.emits(MaxPool, AvgPool)
def _pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    _functional(scribe)
    pads = padding(op)
    is_max = op.kind is MaxPool
    name = "F.max_pool2d" if is_max else "F.avg_pool2d"
    if pads.symmetric is not None:
        return _call(name, [arguments[0], *_pool_arguments(op, scribe)])
    if shared(op, "ceil"):
        raise error(
            "R0503",
            "a pool with `ceil` and uneven padding has no form in PyTorch",
            op.attributes["pad"].span,
            help="pad the input with `pad` before the pool",
        )
    value = ', value=float("-inf")' if is_max else ""
    if pads.sides is None:
        scribe.uses.helpers.add("same_pad")
        sizes = f"{_pair(pair(op, 'kernel'), scribe)}, {_pair(pool_stride(op), scribe)}"
        padded = f"same_pad({arguments[0]}, {sizes}{value})"
    else:
        padded = f"F.pad({arguments[0]}, {_sides(pads.sides, scribe)}{value})"
    inner = _pool_arguments(op, scribe, padded=True)
    if is_max or shared(op, "count_pad"):
        return _call(name, [padded, *inner])
    # Padding does not count: divide by the share of each window that lies inside.
    scribe.uses.imports.add("import torch")
    ones = padded.replace(f"({arguments[0]},", f"(torch.ones_like({arguments[0]}),", 1)
    return f"{_call(name, [padded, *inner])} / {_call(name, [ones, *inner])}"


@FUNCTIONS.emits(Pad)
def _pad(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    from resdsl.codegen.python.operations import sides_of

    _functional(scribe)
    value = _given(scribe, 0.0, value=op.attributes["value"])
    return _call("F.pad", [arguments[0], _sides(sides_of(op, "amount"), scribe), *value])


@FUNCTIONS.emits(Subsample)
def _subsample(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    down, across = (step(scribe.text(e)) for e in pair(op, "by"))
    return f"{atom(arguments[0])}[:, :, {down}, {across}]"


@FUNCTIONS.emits(PadChannels)
def _pad_channels(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.helpers.add("pad_channels")
    return f"pad_channels({arguments[0]}, {scribe.text(op.attributes['to'])})"


@FUNCTIONS.emits(Add, Sub)
def _sum(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return (" + " if op.kind is Add else " - ").join(map(atom, arguments))


@FUNCTIONS.emits(Mul)
def _mul(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    instance = op.instances[0]
    parts = [
        f"{text}[:, :, None, None]" if type_.rank < instance.output.rank else text
        for text, type_ in zip(map(atom, arguments), instance.inputs, strict=True)
    ]
    return " * ".join(parts)


@FUNCTIONS.emits(Concat)
def _concat(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.imports.add("import torch")
    return f"torch.cat([{', '.join(arguments)}], dim=1)"


__all__ = ["FUNCTIONS", "ITEMS", "LAYERS", "is_square"]
