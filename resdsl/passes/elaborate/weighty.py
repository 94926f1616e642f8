"""Whether a block may hold weights, whatever its arguments are.

Items with weights have names. Whether two of them meet should not depend on a stride.
"""

from __future__ import annotations

from resdsl import ir
from resdsl.expressions.nodes import Apply, Constant, Expr, NoneValue
from resdsl.ops import Op


def may_hold_weights(block: ir.Block) -> bool:
    """Whether any statement of the block, or of those it calls, could make a weight."""
    seen: set[int] = set()
    pending: list[ir.Body] = [block.body]
    while pending:
        for statement in pending.pop():
            match statement:
                case ir.OpStep(kind=kind):
                    if _may_hold(kind):
                        return True
                case ir.CallStep(callee=callee) | ir.StageStep(call=ir.CallStep(callee=callee)):
                    match _target(callee):
                        case ir.Block() as target if id(target) not in seen:
                            seen.add(id(target))
                            pending.append(target.body)
                        case ir.Operation(kind=kind) if not _may_hold(kind):
                            pass
                        case ir.Block() | None:
                            pass
                        case _:
                            return True
                case ir.ResidualStep(body=body, shortcut=shortcut):
                    pending += [body] if shortcut is None else [body, (shortcut,)]
                case ir.JoinStep(bodies=bodies):
                    pending += bodies
                case ir.GroupStep(body=body) | ir.ForStep(body=body):
                    pending.append(body)
                case ir.IfStep(then=then, otherwise=otherwise):
                    pending += [then, otherwise]
                case _:
                    pass
    return False


def _may_hold(kind: type[Op]) -> bool:
    return kind.weights is not Op.weights or kind.stochastic


def _target(callee: Expr) -> object:
    """The block or operation that is called, `None` for `none`; the callee where it is unknown."""
    target = callee
    while isinstance(target, Apply):
        target = target.callee
    if isinstance(target, NoneValue):
        return None
    return target.value if isinstance(target, Constant) else callee
