"""PyTorch rules of resizing."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, atom
from resdsl.codegen.python.operations import each, one_or_each
from resdsl.codegen.python.target import Scribe
from resdsl.ops.resize import NEAREST, Upsample

from .tables import FUNCTIONS, ITEMS, call_text, functional, given


@ITEMS.emits(Upsample)
def _upsample_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return Group("nn.Upsample(", tuple(_arguments(layer.op, scribe)))


def _arguments(op: SymbolicOp, scribe: Scribe) -> list[Keyword]:
    by = Keyword("scale_factor", one_or_each(each(op, "by"), scribe.text))
    return [by, *given(scribe, NEAREST, mode=op.attributes["mode"])]


@FUNCTIONS.emits(Upsample)
def _upsample(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    functional(scribe)
    x, *like = arguments
    if not like:
        return call_text("F.interpolate", [x, *_arguments(op, scribe)])
    size = Keyword("size", f"{atom(like[0])}.shape[2:]")
    mode = given(scribe, NEAREST, mode=op.attributes["mode"])
    return call_text("F.interpolate", [x, size, *mode])
