"""PyTorch rules of operations that draw random numbers."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer
from resdsl.codegen.python.layout import Doc, call
from resdsl.codegen.python.target import Scribe
from resdsl.ops.stochastic import Dropout, DropPath

from .tables import LAYERS


@LAYERS.emits(Dropout)
def _dropout(layer: OpLayer, scribe: Scribe) -> Doc:
    return call("nn.Dropout", scribe.text(layer.op.attributes["rate"]))


@LAYERS.emits(DropPath)
def _drop_path(layer: OpLayer, scribe: Scribe) -> Doc:
    scribe.uses.helpers.add("DropPath")
    return call("DropPath", scribe.text(layer.op.attributes["rate"]))
