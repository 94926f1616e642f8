"""Keras rules of normalizations."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group
from resdsl.codegen.python.operations import (
    shared,
)
from resdsl.codegen.python.target import Scribe
from resdsl.expressions.nodes import Literal
from resdsl.expressions.simplify import fold_binary
from resdsl.ops.norm import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm

from ..layer_classes import Style
from .tables import (
    FUNCTIONS,
    LAYERS,
    given,
    helper_call,
)


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
        *given(scribe, 0.9 if own else 0.99, momentum=kept),
        *given(scribe, 1e-5 if own else 1e-3, epsilon=epsilon),
        *given(scribe, True, center=op.attributes["affine"], scale=op.attributes["affine"]),
        *style.values.arguments(op, scribe.uses),
    ]
    return Group(f"{name}(", tuple(items))


@LAYERS.emits(GroupNorm, LayerNorm)
def _norm(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    op, affine = layer.op, layer.op.attributes["affine"]
    grouped = op.kind is GroupNorm
    items: list[Doc] = [
        *([scribe.text(op.attributes["groups"])] if grouped else []),
        *given(scribe, 1e-3, epsilon=op.attributes["eps"]),
        *given(scribe, True, center=affine, scale=affine),
        *style.values.arguments(op, scribe.uses),
    ]
    return Group(f"layers.{'Group' if grouped else 'Layer'}Normalization(", tuple(items))


@FUNCTIONS.emits(LocalResponseNorm)
def _lrn(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    a = op.attributes
    items: list[Doc] = [
        arguments[0],
        *given(scribe, 5, size=a["size"]),
        *given(scribe, 1e-4, alpha=a["alpha"]),
        *given(scribe, 0.75, beta=a["beta"]),
        *given(scribe, 1.0, k=a["k"]),
    ]
    return helper_call("lrn", items, scribe)
