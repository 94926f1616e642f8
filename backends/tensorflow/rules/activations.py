"""Keras rules of activations."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc
from resdsl.codegen.python.target import Scribe
from resdsl.ops.activation import Relu, Softmax

from .tables import (
    FUNCTIONS,
    ITEMS,
    ops_call,
)


@ITEMS.emits(Relu)
def _relu_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "layers.ReLU()"


@ITEMS.emits(Softmax)
def _softmax_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "layers.Softmax()"


@FUNCTIONS.emits(Relu, Softmax)
def _activation(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return ops_call(op.kind.name, arguments, scribe)
