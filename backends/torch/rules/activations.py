"""PyTorch rules of activations."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, atom
from resdsl.codegen.python.operations import is_default, is_given
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

from .tables import FUNCTIONS, ITEMS, call_text, functional, given

_MODULES = {
    Relu: "nn.ReLU",
    Relu6: "nn.ReLU6",
    LeakyRelu: "nn.LeakyReLU",
    Silu: "nn.SiLU",
    Gelu: "nn.GELU",
    Sigmoid: "nn.Sigmoid",
    Tanh: "nn.Tanh",
    HardSwish: "nn.Hardswish",
}
_FUNCTIONS = {
    Relu: "F.relu",
    Relu6: "F.relu6",
    LeakyRelu: "F.leaky_relu",
    Silu: "F.silu",
    Gelu: "F.gelu",
    HardSwish: "F.hardswish",
}


def _options(op: SymbolicOp, scribe: Scribe) -> list[Doc]:
    """What an activation takes beside the tensor."""
    if op.kind is LeakyRelu:
        slope = op.attributes["slope"]
        return [] if is_default(slope, 0.01) else [scribe.text(slope)]
    if op.kind is Gelu:
        return list(given(scribe, "none", approximate=op.attributes["approximate"]))
    return []


@ITEMS.emits(*_MODULES)
def _item(layer: OpLayer, scribe: Scribe) -> Doc:
    return Group(f"{_MODULES[layer.op.kind]}(", tuple(_options(layer.op, scribe)))


@FUNCTIONS.emits(*_FUNCTIONS)
def _function(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    functional(scribe)
    return call_text(_FUNCTIONS[op.kind], [arguments[0], *_options(op, scribe)])


@FUNCTIONS.emits(Sigmoid, Tanh)
def _of_torch(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.imports.add("import torch")
    return f"torch.{op.kind.name}({arguments[0]})"


@ITEMS.emits(HardSigmoid)
def _hard_sigmoid_item(layer: OpLayer, scribe: Scribe) -> Doc:
    scribe.uses.helpers |= {"hard_sigmoid", "HardSigmoid"}
    return "HardSigmoid()"


@FUNCTIONS.emits(HardSigmoid)
def _hard_sigmoid(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.helpers.add("hard_sigmoid")
    return f"hard_sigmoid({arguments[0]})"


@ITEMS.emits(Softmax)
def _softmax_item(layer: OpLayer, scribe: Scribe) -> Doc | None:
    return None if is_given(layer.op, "slices") else "nn.Softmax(dim=1)"


@FUNCTIONS.emits(Softmax)
def _softmax(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    functional(scribe)
    if not is_given(op, "slices"):
        return f"F.softmax({arguments[0]}, dim=1)"
    parts = f"{atom(arguments[0])}.unflatten(1, ({scribe.text(op.attributes['slices'])}, -1))"
    return f"F.softmax({parts}, dim=1).flatten(1, 2)"
