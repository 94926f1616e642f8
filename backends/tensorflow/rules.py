"""Emit rules: each operation as a layer, as an item of a sequence, or as a function. Images are
channels last."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, atom, call, flat, step
from resdsl.codegen.python.operations import (
    Padding,
    Pair,
    is_default,
    padding,
    pair,
    pool_stride,
    shared,
    sides_of,
)
from resdsl.codegen.python.target import Scribe
from resdsl.codegen.rules import RuleSet
from resdsl.diagnostics import error
from resdsl.expressions.nodes import Expr, Literal
from resdsl.expressions.simplify import fold_binary
from resdsl.ops.activation import Relu, Softmax
from resdsl.ops.conv import Conv
from resdsl.ops.joins import Add, Concat, Mul, Sub
from resdsl.ops.linear import Linear
from resdsl.ops.norm import BatchNorm, LocalResponseNorm
from resdsl.ops.pooling import AdaptiveAvgPool, AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from resdsl.ops.shape import Flatten, Identity, Pad, PadChannels, Subsample
from resdsl.ops.stochastic import Dropout

from .layer_classes import Style, has_stride_and_dilation
from .prelude import SIDES

Sides = tuple[Expr, Expr, Expr, Expr]

LAYERS: RuleSet[Callable[[OpLayer, Scribe, Style], Doc]] = RuleSet("tensorflow")
ITEMS: RuleSet[Callable[[OpLayer, Scribe], Doc | None]] = RuleSet("tensorflow")
FUNCTIONS: RuleSet[Callable[[SymbolicOp, Sequence[str], Scribe], str]] = RuleSet("tensorflow")

_ONES: Pair = (Literal(1), Literal(1))


def _one_or_pair(values: Pair, scribe: Scribe) -> str:
    """One number where both directions are alike, else a tuple."""
    first, second = map(scribe.text, values)
    return first if first == second else f"({first}, {second})"


def _pair(values: Pair, scribe: Scribe) -> str:
    return f"({', '.join(map(scribe.text, values))})"


def _sides(sides: Sides, scribe: Scribe) -> str:
    """One number where all sides are alike, else `((top, bottom), (left, right))`."""
    first = scribe.text(sides[0])
    return first if len(set(map(scribe.text, sides))) == 1 else _nested(sides, scribe)


def _nested(sides: Sides, scribe: Scribe) -> str:
    """`((top, bottom), (left, right))`"""
    top, bottom, left, right = map(scribe.text, sides)
    return f"(({top}, {bottom}), ({left}, {right}))"


def _given(scribe: Scribe, default: object, **arguments: Expr) -> list[Keyword]:
    """Arguments by name, without those equal to the framework's default."""
    return [Keyword(n, scribe.text(e)) for n, e in arguments.items() if not is_default(e, default)]


def _stride(kernel: Pair, stride: Pair, scribe: Scribe) -> list[Keyword]:
    """The strides of a pool, where they are not its kernel."""
    return [] if stride == kernel else [Keyword("strides", _one_or_pair(stride, scribe))]


def _ops(name: str, items: Sequence[Doc], scribe: Scribe) -> str:
    scribe.uses.imports.add("from keras import ops")
    return flat(Group(f"ops.{name}(", tuple(items)))


def _helper(name: str, items: Sequence[Doc], scribe: Scribe) -> str:
    scribe.uses.helpers.add(name)
    return flat(Group(f"{name}(", tuple(items)))


def _padded(x: str, sides: str, more: Sequence[Doc], scribe: Scribe) -> str:
    scribe.uses.helpers.add("padded" if not sides.endswith(")") else SIDES)
    return flat(Group("padded(", (x, sides, *more)))


# ---- layers --------------------------------------------------------------------------------------


@LAYERS.emits(Conv)
def _conv(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    op = layer.op
    kernel, stride, dilation = (pair(op, n) for n in ("kernel", "stride", "dilation"))
    items: list[Doc] = [scribe.text(op.attributes["out"]), _one_or_pair(kernel, scribe)]
    name, pads = style.conv, padding(op)
    if has_stride_and_dilation(layer):
        name, pads = "StridedConv2D", _fixed(op, pads)
        scribe.uses.helpers.add(name)
        items.append(Keyword("every", _pair(stride, scribe)))
    elif stride != _ONES:
        items.append(Keyword("strides", _one_or_pair(stride, scribe)))
    if pads.sides is None:
        items.append(Keyword("padding", '"same"'))
    elif not pads.is_none:
        items.append(Keyword("padding", _sides(pads.sides, scribe)))
    if dilation != _ONES:
        items.append(Keyword("dilation_rate", _one_or_pair(dilation, scribe)))
    items += _given(scribe, 1, groups=op.attributes["groups"])
    items += _given(scribe, True, use_bias=op.attributes["bias"])
    items += style.values.arguments(op, scribe.uses)
    return Group(f"{name}(", tuple(items))


def _fixed(op: SymbolicOp, pads: Padding) -> Padding:
    """TensorFlow's padding in numbers, for a convolution that is not done in TensorFlow's way."""
    if pads.sides is not None:
        return pads
    found = {i.op.pads(i.inputs[0]) for i in op.instances if isinstance(i.op, Conv)}
    if len(found) > 1:
        raise error(
            "R0503",
            '`pad = "tf_same"` with stride and dilation comes to different numbers here',
            op.attributes["pad"].span,
            help="give the padding in numbers",
        )
    top, bottom, left, right = map(Literal, found.pop())
    return Padding((top, bottom, left, right))


@LAYERS.emits(Linear)
def _linear(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    items: list[Doc] = [
        scribe.text(layer.op.attributes["out"]),
        *_given(scribe, True, use_bias=layer.op.attributes["bias"]),
        *style.values.arguments(layer.op, scribe.uses),
    ]
    return Group(f"{style.dense}(", tuple(items))


@LAYERS.emits(BatchNorm)
def _batch_norm(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    op = layer.op
    momentum, epsilon = op.attributes["momentum"], op.attributes["eps"]
    kept = fold_binary("-", Literal(1), momentum)  # Keras counts what stays
    own = shared(op, "variance") == "unbiased"
    name = "BatchNorm" if own else "layers.BatchNormalization"
    if own:
        scribe.uses.helpers.add(name)
    items: list[Doc] = [
        *_given(scribe, 0.9 if own else 0.99, momentum=kept),
        *_given(scribe, 1e-5 if own else 1e-3, epsilon=epsilon),
        *_given(scribe, True, center=op.attributes["affine"], scale=op.attributes["affine"]),
        *style.values.arguments(op, scribe.uses),
    ]
    return Group(f"{name}(", tuple(items))


@LAYERS.emits(Dropout)
def _dropout(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    return call("layers.Dropout", scribe.text(layer.op.attributes["rate"]))


# ---- items of sequences without state ------------------------------------------------------------


@ITEMS.emits(Relu)
def _relu_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "layers.ReLU()"


@ITEMS.emits(Softmax)
def _softmax_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "layers.Softmax()"


@ITEMS.emits(Identity)
def _identity_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "layers.Identity()"


@ITEMS.emits(Flatten)
def _flatten_item(layer: OpLayer, scribe: Scribe) -> Doc:
    if _is_single(layer.op):
        return "layers.Flatten()"
    scribe.uses.helpers.add("flatten")
    return "layers.Lambda(flatten)"


@ITEMS.emits(GlobalAvgPool, GlobalMaxPool)
def _global_item(layer: OpLayer, scribe: Scribe) -> Doc:
    kind = "Average" if layer.op.kind is GlobalAvgPool else "Max"
    keep = _given(scribe, False, keepdims=layer.op.attributes["keep"])
    return Group(f"layers.Global{kind}Pooling2D(", tuple(keep))


@ITEMS.emits(MaxPool, AvgPool)
def _pool_item(layer: OpLayer, scribe: Scribe) -> Doc | None:
    op = layer.op
    pads = padding(op)
    if not is_default(op.attributes["ceil"], False) or not _as_keras(op, pads):
        return None
    name = "layers.MaxPooling2D" if op.kind is MaxPool else "layers.AveragePooling2D"
    return Group(f"{name}(", tuple(_pool_arguments(op, pads, scribe)))


def _as_keras(op: SymbolicOp, pads: Padding) -> bool:
    """Whether Keras's pools have this padding. Its means leave out what `"same"` adds."""
    if pads.sides is None:
        return op.kind is MaxPool or is_default(op.attributes["count_pad"], False)
    return pads.is_none


def _pool_arguments(op: SymbolicOp, pads: Padding, scribe: Scribe) -> list[Doc]:
    kernel = pair(op, "kernel")
    same = [Keyword("padding", '"same"')] if pads.sides is None else []
    return [_one_or_pair(kernel, scribe), *_stride(kernel, pool_stride(op), scribe), *same]


# ---- functions -----------------------------------------------------------------------------------


@FUNCTIONS.emits(Relu, Softmax)
def _activation(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return _ops(op.kind.name, arguments, scribe)


@FUNCTIONS.emits(Identity)
def _identity(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return arguments[0]


@FUNCTIONS.emits(Flatten)
def _flatten(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if all(i.inputs[0].rank == 0 for i in op.instances):
        return arguments[0]
    if _is_single(op):
        return _ops("squeeze", [arguments[0], Keyword("axis", "(1, 2)")], scribe)
    return _helper("flatten", arguments, scribe)


def _is_single(op: SymbolicOp) -> bool:
    """Whether there is but one position, so that the order of entries is the channels'."""
    return all(set(i.inputs[0].spatial) <= {1} for i in op.instances)


@FUNCTIONS.emits(AdaptiveAvgPool)
def _adaptive(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    sizes = map(scribe.text, pair(op, "size"))
    return _helper("adaptive_avg_pool", [arguments[0], *sizes], scribe)


@FUNCTIONS.emits(GlobalAvgPool, GlobalMaxPool)
def _global_pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    name = "mean" if op.kind is GlobalAvgPool else "max"
    keep = _given(scribe, False, keepdims=op.attributes["keep"])
    return _ops(name, [arguments[0], Keyword("axis", "(1, 2)"), *keep], scribe)


@FUNCTIONS.emits(LocalResponseNorm)
def _lrn(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    a = op.attributes
    items: list[Doc] = [
        arguments[0],
        *_given(scribe, 5, size=a["size"]),
        *_given(scribe, 1e-4, alpha=a["alpha"]),
        *_given(scribe, 0.75, beta=a["beta"]),
        *_given(scribe, 1.0, k=a["k"]),
    ]
    return _helper("lrn", items, scribe)


@FUNCTIONS.emits(MaxPool)
def _max_pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, pads = arguments[0], padding(op)
    if pads.sides is not None and shared(op, "ceil"):
        sizes = _pair(pair(op, "kernel"), scribe), _pair(pool_stride(op), scribe)
        return _helper("ceil_max_pool", [x, *sizes, _nested(pads.sides, scribe)], scribe)
    if pads.sides is not None and not pads.is_none:
        scribe.uses.imports.add("import math")
        x = _padded(x, _sides(pads.sides, scribe), ["-math.inf"], scribe)
    return _ops("max_pool", [x, *_pool_arguments(op, pads, scribe)], scribe)


@FUNCTIONS.emits(AvgPool)
def _avg_pool(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, pads = arguments[0], padding(op)
    ceil = shared(op, "ceil") and pads.sides is not None
    if not ceil and _as_keras(op, pads):
        return _ops("average_pool", [x, *_pool_arguments(op, pads, scribe)], scribe)
    kernel, stride = _pair(pair(op, "kernel"), scribe), _pair(pool_stride(op), scribe)
    if pads.sides is None:
        sides = _helper("same_sides", [x, kernel, stride], scribe)
    else:
        sides = (_nested if ceil else _sides)(pads.sides, scribe)
    counts = op.attributes["count_pad"]
    if not ceil and is_default(counts, True):
        none = Padding((Literal(0),) * 4)
        padded = _padded(x, sides, [], scribe)
        return _ops("average_pool", [padded, *_pool_arguments(op, none, scribe)], scribe)
    options = [Keyword("ceil", "True")] if ceil else []
    options += _given(scribe, True, count_pad=counts)
    return _helper("avg_pool", [x, kernel, stride, sides, *options], scribe)


@FUNCTIONS.emits(Pad)
def _pad(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    value = _given(scribe, 0.0, value=op.attributes["value"])
    sides = _sides(sides_of(op, "amount"), scribe)
    return _padded(arguments[0], sides, value, scribe)


@FUNCTIONS.emits(Subsample)
def _subsample(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    down, across = (step(scribe.text(e)) for e in pair(op, "by"))
    return f"{atom(arguments[0])}[:, {down}, {across}]"


@FUNCTIONS.emits(PadChannels)
def _pad_channels(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return _helper("pad_channels", [arguments[0], scribe.text(op.attributes["to"])], scribe)


@FUNCTIONS.emits(Add, Sub)
def _sum(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return (" + " if op.kind is Add else " - ").join(map(atom, arguments))


@FUNCTIONS.emits(Mul)
def _mul(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    instance = op.instances[0]
    parts = [
        f"{text}[:, None, None]" if type_.rank < instance.output.rank else text
        for text, type_ in zip(map(atom, arguments), instance.inputs, strict=True)
    ]
    return " * ".join(parts)


@FUNCTIONS.emits(Concat)
def _concat(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    tensors = f"[{', '.join(arguments)}]"
    return _ops("concatenate", [tensors, Keyword("axis", "-1")], scribe)
