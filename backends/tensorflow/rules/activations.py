"""Keras rules of activations."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, call
from resdsl.codegen.python.operations import is_given, shared
from resdsl.codegen.python.target import Scribe
from resdsl.ops.activation import (
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    Relu,
    Relu6,
    Sigmoid,
    Silu,
    Softmax,
    Tanh,
)

from .tables import FUNCTIONS, ITEMS, given, helper_call, ops_call


@ITEMS.emits(Relu)
def _relu_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "layers.ReLU()"


@ITEMS.emits(Relu6, Silu, Sigmoid, Tanh, HardSwish, HardSigmoid)
def _item(layer: OpLayer, scribe: Scribe) -> Doc:
    return call("layers.Activation", f'"{layer.op.kind.name}"')


@ITEMS.emits(Softmax)
def _softmax_item(layer: OpLayer, scribe: Scribe) -> Doc | None:
    return None if is_given(layer.op, "slices") else "layers.Softmax()"


@FUNCTIONS.emits(Relu, Relu6, Silu, Sigmoid, Tanh, HardSwish, HardSigmoid)
def _activation(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return ops_call(op.kind.name, arguments, scribe)


@FUNCTIONS.emits(LeakyRelu)
def _leaky_relu(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    slope = op.attributes["slope"]
    return helper_call("leaky_relu", [arguments[0], *given(scribe, 0.01, slope=slope)], scribe)


@FUNCTIONS.emits(Gelu)
def _gelu(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    exact = shared(op, "approximate") == "none"
    return helper_call("gelu" if exact else "tanh_gelu", arguments, scribe)


@FUNCTIONS.emits(Softmax)
def _softmax(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if not is_given(op, "slices"):
        return ops_call("softmax", arguments, scribe)
    return helper_call(
        "slice_softmax", [arguments[0], scribe.text(op.attributes["slices"])], scribe
    )
