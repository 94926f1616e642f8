"""PyTorch rules of activations."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc
from resdsl.codegen.python.target import Scribe
from resdsl.ops.activation import Relu, Softmax

from .tables import FUNCTIONS, ITEMS, functional


@ITEMS.emits(Relu)
def _relu_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "nn.ReLU()"


@ITEMS.emits(Softmax)
def _softmax_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "nn.Softmax(dim=1)"


@FUNCTIONS.emits(Relu)
def _relu(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    functional(scribe)
    return f"F.relu({arguments[0]})"


@FUNCTIONS.emits(Softmax)
def _softmax(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    functional(scribe)
    return f"F.softmax({arguments[0]}, dim=1)"
