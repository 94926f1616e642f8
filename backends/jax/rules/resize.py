"""Flax NNX rules of resizing."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import SymbolicOp
from resdsl.codegen.python.layout import Group, Keyword, atom, flat
from resdsl.codegen.python.operations import each, tuple_of
from resdsl.codegen.python.target import Scribe
from resdsl.ops.resize import NEAREST, Upsample

from .tables import APPLICATIONS, FUNCTIONS, Application, given


@APPLICATIONS.emits(Upsample)
def _upsample(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("upsample")
    by = Keyword("by", tuple_of(each(op, "by"), scribe.text))
    method = given(scribe, NEAREST, method=op.attributes["mode"])
    return Application("upsample", (by, *method), positional=1)


@FUNCTIONS.emits(Upsample)
def _upsampled(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, *like = arguments
    if not like:
        return _upsample(op, scribe).to(x)
    scribe.uses.helpers.add("resized")
    method = given(scribe, NEAREST, method=op.attributes["mode"])
    return flat(Group("resized(", (x, f"{atom(like[0])}.shape[1:-1]", *method)))
