"""Positions as numbers of the constructor, for the few weights whose shapes depend on them.

One size in all uses of a class is written as it is. Where uses differ, the class takes the size of
its input, `in_size`, as long as what needs it sees the positions of that input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl.codegen.plan import ConstructorParameter
from resdsl.diagnostics import Span, error
from resdsl.expressions.nodes import Expr, ListOf, Name
from resdsl.expressions.simplify import literal
from resdsl.ir.graph import Instance

if TYPE_CHECKING:
    from resdsl.codegen.lower.frame import ClassFrame

IN_SIZE = Name("in_size")


def size_seen(
    frame: ClassFrame, instances: tuple[Instance, ...], what: str, span: Span | None
) -> Expr | None:
    """The positions of the input in all `instances` of a statement. Raises where they have no
    form; `None` for a target whose layers find them out by themselves."""
    if frame.module.dialect.lazy_channels:
        return None
    seen = [i.inputs[0].spatial for i in instances]
    if len(set(seen)) == 1:
        return ListOf(tuple(map(literal, seen[0])))
    uses = frame.module.graph.uses.get(frame.specialization, [])
    if frame.is_group or seen != [use.input.spatial for use in uses]:
        raise error(
            "R0504",
            f"the size that `{what}` sees differs between the uses of this block",
            span,
            help="let it work on the block's own input, or give each size a block of its own",
        )
    frame.plan.takes_size = True
    parameters = frame.plan.parameters
    if all(p.name != IN_SIZE.id for p in parameters):
        rank = len(seen[0])
        parameters.insert(
            1, ConstructorParameter(IN_SIZE.id, f"tuple[{', '.join(['int'] * rank)}]")
        )
    return IN_SIZE
