"""PyTorch rules of normalizations."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group
from resdsl.codegen.python.operations import (
    rank,
    shared,
)
from resdsl.codegen.python.target import Scribe
from resdsl.ops.norm import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm

from .tables import FUNCTIONS, ITEMS, LAYERS, call_text, functional, given


@LAYERS.emits(BatchNorm)
def _batch_norm(layer: OpLayer, scribe: Scribe) -> Doc:
    op = layer.op
    name = f"nn.BatchNorm{max(rank(op), 1)}d"
    if shared(op, "variance") == "population":
        name = name.replace("nn.", "Population")
        scribe.uses.helpers |= {"population_batch_norm", name}
    items: list[Doc] = [
        scribe.text(layer.channels),
        *given(scribe, 1e-5, eps=op.attributes["eps"]),
        *given(scribe, 0.1, momentum=op.attributes["momentum"]),
        *given(scribe, True, affine=op.attributes["affine"]),
    ]
    return Group(f"{name}(", tuple(items))


@LAYERS.emits(GroupNorm)
def _group_norm(layer: OpLayer, scribe: Scribe) -> Doc:
    a = layer.op.attributes
    items: list[Doc] = [
        scribe.text(a["groups"]),
        scribe.text(layer.channels),
        *given(scribe, 1e-5, eps=a["eps"]),
        *given(scribe, True, affine=a["affine"]),
    ]
    return Group("nn.GroupNorm(", tuple(items))


@LAYERS.emits(LayerNorm)
def _layer_norm(layer: OpLayer, scribe: Scribe) -> Doc:
    a = layer.op.attributes
    name = "nn.LayerNorm"
    if rank(layer.op) > 0:
        name = "PositionwiseLayerNorm"
        scribe.uses.helpers.add(name)
    items: list[Doc] = [
        scribe.text(layer.channels),
        *given(scribe, 1e-5, eps=a["eps"]),
        *given(scribe, True, elementwise_affine=a["affine"]),
    ]
    return Group(f"{name}(", tuple(items))


@ITEMS.emits(LocalResponseNorm)
def _lrn_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return Group("nn.LocalResponseNorm(", tuple(_lrn_arguments(layer.op, scribe)))


def _lrn_arguments(op: SymbolicOp, scribe: Scribe) -> list[Doc]:
    a = op.attributes
    return [
        scribe.text(a["size"]),
        *given(scribe, 1e-4, alpha=a["alpha"]),
        *given(scribe, 0.75, beta=a["beta"]),
        *given(scribe, 1.0, k=a["k"]),
    ]


@FUNCTIONS.emits(LocalResponseNorm)
def _lrn(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    functional(scribe)
    return call_text("F.local_response_norm", [arguments[0], *_lrn_arguments(op, scribe)])
