"""Emit rules: each operation as a layer, as an item of a sequence, or as a function.

Items of `nnx.Sequential` are layers or plain functions, so an operation without state is there a
function of JAX, with `partial` where it takes arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, atom, call, flat, step
from resdsl.codegen.python.operations import (
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
from resdsl.expressions.nodes import Expr, Literal
from resdsl.ops.activation import Relu, Softmax
from resdsl.ops.conv import Conv
from resdsl.ops.joins import Add, Concat, Mul, Sub
from resdsl.ops.linear import Linear
from resdsl.ops.norm import BatchNorm, LocalResponseNorm
from resdsl.ops.pooling import AdaptiveAvgPool, AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool
from resdsl.ops.shape import Flatten, Identity, Pad, PadChannels, Subsample
from resdsl.ops.stochastic import Dropout
from resdsl.records import dataclass

from .functions import RNGS, Convs, Linears
from .norms import BatchNorms


@dataclass(frozen=True, slots=True)
class Common:
    """What the layers of one file have in common."""

    convs: Convs
    linears: Linears
    norms: BatchNorms


@dataclass(frozen=True, slots=True)
class Application:
    """A function and what it takes beside the tensor: by position, and by name."""

    function: str
    arguments: tuple[Keyword, ...] = ()
    #: How many of them may stand by position where the tensor comes first.
    positional: int = 0

    def to(self, x: str) -> str:
        """The function applied to a tensor."""
        first = [a.value for a in self.arguments[: self.positional]]
        return flat(Group(f"{self.function}(", (x, *first, *self.arguments[self.positional :])))

    def item(self, scribe: Scribe) -> Doc:
        """The function with its arguments given."""
        if not self.arguments:
            return self.function
        scribe.uses.imports.add("from functools import partial")
        return Group("partial(", (self.function, *self.arguments))


#: Operations with state, or with random numbers.
LAYERS: RuleSet[Callable[[OpLayer, Scribe, Common], Doc]] = RuleSet("jax")
#: Functions of one tensor, to be applied or to stand in a sequence.
APPLICATIONS: RuleSet[Callable[[SymbolicOp, Scribe], Application]] = RuleSet("jax")
#: What is applied to tensors in another form, or is no function of one.
FUNCTIONS: RuleSet[Callable[[SymbolicOp, Sequence[str], Scribe], str]] = RuleSet("jax")


# ---- layers --------------------------------------------------------------------------------------


@LAYERS.emits(Conv)
def _conv(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return common.convs.call(layer, scribe)


@LAYERS.emits(Linear)
def _linear(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return common.linears.call(layer, scribe)


@LAYERS.emits(BatchNorm)
def _batch_norm(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return common.norms.call(layer, scribe)


@LAYERS.emits(Dropout)
def _dropout(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return call("nnx.Dropout", scribe.text(layer.op.attributes["rate"]), RNGS)


# ---- functions of one tensor ---------------------------------------------------------------------


def _two(values: Pair, scribe: Scribe) -> str:
    return f"({scribe.text(values[0])}, {scribe.text(values[1])})"


def _sides(sides: tuple[Expr, Expr, Expr, Expr], scribe: Scribe) -> str:
    top, bottom, left, right = map(scribe.text, sides)
    return f"({top}, {bottom}), ({left}, {right})"


def _given(scribe: Scribe, default: object, **arguments: Expr) -> list[Keyword]:
    """Arguments by name, without those equal to the function's default."""
    return [Keyword(n, scribe.text(e)) for n, e in arguments.items() if not is_default(e, default)]


@APPLICATIONS.emits(Relu)
def _relu(op: SymbolicOp, scribe: Scribe) -> Application:
    return Application("nnx.relu")


@APPLICATIONS.emits(Softmax)
def _softmax(op: SymbolicOp, scribe: Scribe) -> Application:
    return Application("nnx.softmax")


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
        return Application("jnp.squeeze", (Keyword("axis", "(1, 2)"),))
    scribe.uses.helpers.add("flatten")
    return Application("flatten")


@APPLICATIONS.emits(AdaptiveAvgPool)
def _adaptive(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("adaptive_avg_pool")
    size = _two(pair(op, "size"), scribe)
    return Application("adaptive_avg_pool", (Keyword("size", size),), positional=1)


@APPLICATIONS.emits(GlobalAvgPool, GlobalMaxPool)
def _global_pool(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.imports.add("import jax.numpy as jnp")
    name = "jnp.mean" if op.kind is GlobalAvgPool else "jnp.max"
    keep = _given(scribe, False, keepdims=op.attributes["keep"])
    return Application(name, (Keyword("axis", "(1, 2)"), *keep))


@APPLICATIONS.emits(LocalResponseNorm)
def _lrn(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("local_response_norm")
    a = op.attributes
    arguments = (
        *_given(scribe, 5, size=a["size"]),
        *_given(scribe, 1e-4, alpha=a["alpha"]),
        *_given(scribe, 0.75, beta=a["beta"]),
        *_given(scribe, 1.0, k=a["k"]),
    )
    return Application("local_response_norm", arguments)


@APPLICATIONS.emits(MaxPool, AvgPool)
def _pool(op: SymbolicOp, scribe: Scribe) -> Application:
    pads = padding(op)
    strides = Keyword("strides", _two(pool_stride(op), scribe))
    around: list[Keyword] = []
    if pads.sides is None:
        around = [Keyword("padding", '"SAME"')]
    elif not pads.is_none:
        around = [Keyword("padding", f"({_sides(pads.sides, scribe)})")]
    # TensorFlow's rule leaves nothing that a window could hang over.
    ceil = shared(op, "ceil") and pads.sides is not None
    leaves_out = op.kind is AvgPool and around and not shared(op, "count_pad")
    window = _two(pair(op, "kernel"), scribe)
    if not ceil and not leaves_out:
        moving = [] if pool_stride(op) == (Literal(1), Literal(1)) else [strides]
        arguments = (Keyword("window_shape", window), *moving, *around)
        return Application(f"nnx.{op.kind.name}", arguments, positional=1)
    name = "ceil_max_pool" if op.kind is MaxPool else "counted_avg_pool"
    scribe.uses.helpers.add(name)
    options = [Keyword("ceil", "True")] if ceil and op.kind is AvgPool else []
    options += [Keyword("count_padding", "False")] if leaves_out else []
    arguments = (Keyword("window", window), strides, *around, *options)
    return Application(name, arguments, positional=1)


@APPLICATIONS.emits(Pad)
def _pad(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.imports.add("import jax.numpy as jnp")
    amount = f"((0, 0), {_sides(sides_of(op, 'amount'), scribe)}, (0, 0))"
    value = _given(scribe, 0.0, constant_values=op.attributes["value"])
    return Application("jnp.pad", (Keyword("pad_width", amount), *value), positional=1)


@APPLICATIONS.emits(PadChannels)
def _pad_channels(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("pad_channels")
    channels = Keyword("channels", scribe.text(op.attributes["to"]))
    return Application("pad_channels", (channels,), positional=1)


# ---- functions of tensors ------------------------------------------------------------------------


@FUNCTIONS.emits(Identity)
def _nothing(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return arguments[0]


@FUNCTIONS.emits(Flatten)
def _flattened(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if _is_single(op):
        return f"{atom(arguments[0])}.squeeze((1, 2))"
    return _flatten(op, scribe).to(arguments[0])


@FUNCTIONS.emits(GlobalAvgPool, GlobalMaxPool)
def _pooled(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    method = "mean" if op.kind is GlobalAvgPool else "max"
    keep = _given(scribe, False, keepdims=op.attributes["keep"])
    return flat(Group(f"{atom(arguments[0])}.{method}(", (Keyword("axis", "(1, 2)"), *keep)))


@FUNCTIONS.emits(Subsample)
def _subsample(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    down, across = (step(scribe.text(e)) for e in pair(op, "by"))
    return f"{atom(arguments[0])}[:, {down}, {across}]"


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
    scribe.uses.imports.add("import jax.numpy as jnp")
    return f"jnp.concatenate([{', '.join(arguments)}], axis=-1)"
