"""Keras rules of learned numbers: small layers of the file's own, which Keras lacks."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import is_default, shared
from resdsl.codegen.python.scalars import is_learned, start_of, with_constant
from resdsl.codegen.python.target import Scribe
from resdsl.ops import Initializer
from resdsl.ops.scalars import Offset, Scale

from ..initial_values import draw_of
from ..layer_classes import Style
from .tables import FUNCTIONS, LAYERS


@LAYERS.emits(Scale, Offset)
def _layer(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    op = layer.op
    name = op.kind.name.capitalize()
    scribe.uses.helpers.add(name)
    own = "ones" if op.kind is Scale else "zeros"
    start, per = start_text(op, scribe, own), shared(op, "per")
    items: list[Doc] = [] if start is None else [start]
    items += [] if per == "channel" else [Keyword("per", f'"{per}"')]
    return Group(f"{name}(", tuple(items))


def start_text(op: SymbolicOp, scribe: Scribe, own: str) -> str | None:
    """The initializer, left out where it is the class's own."""
    start = start_of(op)
    if isinstance(start, Initializer):
        return str(draw_of(start))
    for value, name in ((0.0, "zeros"), (1.0, "ones")):
        if is_default(start, value):
            return None if own == name else f'"{name}"'
    return f"keras.initializers.Constant({scribe.text(start)})"


@FUNCTIONS.emits(Scale, Offset)
def _function(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if not is_learned(op):
        return with_constant(op, arguments[0], scribe)
    x, layer = arguments
    return f"{layer}({x})"
