"""The tables of ONNX rules, and what the rules have in common."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any

from resdsl.codegen.rules import RuleSet
from resdsl.ops.windows import Pads, afters, befores

from ..builder import Site

Rule = Callable[[Any, Site], None]


rules: RuleSet[Rule] = RuleSet("onnx")


def onnx_pads(pads: Pads) -> list[int]:
    """Ours go dimension by dimension, ONNX's start with all beginnings."""
    return list(map(index, (*befores(pads), *afters(pads))))


def emit_frame(
    site: Site, pads: Pads, value: float, *, last: bool = False, x: str | None = None
) -> str:
    """A frame of one number around positions, those of the input or of `x`; `last` where it is the
    operation's result."""
    before_and_after = site.ints(0, 0, *befores(pads), 0, 0, *afters(pads))
    inputs = (x or site.x, before_and_after, site.number(value))
    if last:
        site.emit("Pad", *inputs)
        return site.output
    return site.part("Pad", *inputs)
