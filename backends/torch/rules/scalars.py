"""PyTorch rules of learned numbers: parameters of the module that uses them."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, atom, call
from resdsl.codegen.python.operations import is_default, rank, shared
from resdsl.codegen.python.scalars import (
    is_learned,
    number_in,
    positions_of,
    start_of,
    with_constant,
    with_weight,
)
from resdsl.codegen.python.target import Scribe
from resdsl.ops import Initializer
from resdsl.ops.scalars import Offset, Scale

from .tables import FUNCTIONS, LAYERS


@LAYERS.emits(Scale, Offset)
def _parameter(layer: OpLayer, scribe: Scribe) -> Doc:
    return call("nn.Parameter", _start(layer, scribe))


def _start(layer: OpLayer, scribe: Scribe) -> Doc:
    op = layer.op
    sizes = ["1"] if shared(op, "per") == "tensor" else [scribe.text(layer.channels)]
    if shared(op, "per") == "entry":
        sizes += map(str, positions_of(op))
    return numbers(op, sizes, scribe)


def numbers(op: SymbolicOp, sizes: Sequence[str], scribe: Scribe) -> Doc:
    """A tensor of these sizes with what a weight starts from."""
    start = start_of(op)
    scribe.uses.imports.add("import torch")
    if isinstance(start, Initializer):
        return call("torch.empty", *sizes)  # filled right after
    for value, name in ((0.0, "zeros"), (1.0, "ones")):
        if is_default(start, value):
            return call(f"torch.{name}", *sizes)
    if number_in(start) is None:
        # It may be a whole number, which `torch.full` would take for the type.
        return f"{atom(scribe.text(start))} * torch.ones({', '.join(sizes)})"
    shape = f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"
    return call("torch.full", shape, scribe.text(start))


@FUNCTIONS.emits(Scale, Offset)
def _function(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if not is_learned(op):
        return with_constant(op, arguments[0], scribe)
    x, weight = arguments
    positions = rank(op) if shared(op, "per") == "channel" else 0
    return with_weight(op, x, f"{weight}[:{', None' * positions}]" if positions else weight)
