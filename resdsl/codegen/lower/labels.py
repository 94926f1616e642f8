"""What a probed file calls the results of operations: the names they have in their scope.

A layer is known by where it is kept. An operation without one is called as elaboration calls it,
by its label or by kind and place, with the numbers of the loops around.
"""

from __future__ import annotations

from resdsl import ir
from resdsl.codegen.lower.environment import Environment
from resdsl.codegen.lower.frame import ClassFrame
from resdsl.codegen.plan import Computed
from resdsl.expressions.nodes import Expr


def label(
    frame: ClassFrame,
    name: ir.ItemName,
    environment: Environment,
    *,
    under: Computed | None = None,
    position: int = 0,
) -> Computed | None:
    """The name of an item, with `under` before it where it stands in a scope without a class.

    `position` is its number there. `None` where the file has no probes.
    """
    if not frame.module.probed:
        return None
    parts: list[str | Expr] = [] if under is None else [*under.parts, "."]
    match name:
        case ir.Fixed(text=text):
            parts.append(text)
        case ir.Automatic(text=text):
            parts.append(text)
            if under is None:
                for loop in frame.loops:
                    parts += [".", loop.index]
        case ir.Element(base=base, index=index):
            parts += [f"{base}.", environment.simplify(index)]
        case ir.Template(parts=pieces):
            parts += [p if isinstance(p, str) else environment.simplify(p) for p in pieces]
        case ir.Position():
            parts.append(str(position))
    return Computed(tuple(parts))
