"""Where a network begins: the shape of its input, and whether anything comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl import ir
from resdsl.diagnostics import Diagnostic, Label, Severity, Span, error
from resdsl.expressions.values import describe, is_whole
from resdsl.ir.call_text import value_text
from resdsl.ir.graph import Graph
from resdsl.ops.attributes import MOST_AXES

_LARGEST_SIZE = 2**31
#: Channels, and as many spatial dimensions as windows slide over.
_MOST_SIZES = 1 + MOST_AXES


def unused_inputs(block: ir.Block, graph: Graph) -> Iterator[Diagnostic]:
    """A warning for each input that no operation reads."""
    steps = [s for s in block.body if isinstance(s, ir.InputStep)]
    used = {value for node in graph.nodes for value in node.inputs}
    for step, value in zip(steps, graph.inputs, strict=False):
        if value.value not in used:
            message = f"the input of `{block.name}` is not used"
            label = Label(step.span, "nothing is computed from it")
            yield Diagnostic("R0226", message, label, severity=Severity.WARNING)


def check_shape(shape: tuple[Any, ...], span: Span) -> None:
    """Raise unless this version can take an input of that shape."""
    shown = " x ".join(value_text(s) or describe(s) for s in shape[:6])
    if any(is_whole(s) and s >= _LARGEST_SIZE for s in shape):
        raise error("R0312", "this input is too large", span, f"it would be {shown}")
    if not all(is_whole(s) and s > 0 for s in shape):
        raise error(
            "R0316",
            "the sizes of an input are whole numbers, 1 or more",
            span,
            f"this comes to {shown}",
            help="channels first, without the batch: `input(3, 224, 224)`",
        )
    if not 1 <= len(shape) <= _MOST_SIZES:
        raise error(
            "R0316",
            f"an input has {_MOST_SIZES} sizes at most, and this has {len(shape)}",
            span,
            f"this comes to {shown}",
            help="channels first, without the batch: `input(features)`, `input(channels, length)`, "
            "`input(3, 224, 224)`, or with a depth before height and width",
        )
