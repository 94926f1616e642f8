"""Statements of a plan with the names in their expressions replaced."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from resdsl.codegen import plan as p
from resdsl.expressions.nodes import Expr, Name
from resdsl.expressions.simplify import Replace, simplify
from resdsl.records import fields, replace

PlanT = TypeVar("PlanT")
_EXPRESSIONS: tuple[type, ...] = get_args(Expr)
_PLAN = (
    *get_args(p.Layer),
    *get_args(p.Home),
    *get_args(p.InitStatement),
    *get_args(p.ForwardExpr),
    *get_args(p.ForwardStatement),
    p.Repeat,
)


def rewritten(node: PlanT, leaf: Replace) -> PlanT:
    """A statement, layer or tuple of such over other names; the classes it uses stay."""
    result: Any = node
    if isinstance(node, _EXPRESSIONS):
        result = simplify(node, leaf)  # type: ignore[arg-type]
    elif isinstance(node, tuple):
        result = tuple(rewritten(item, leaf) for item in node)
    elif isinstance(node, dict):
        result = {key: rewritten(value, leaf) for key, value in node.items()}
    elif isinstance(node, p.SymbolicOp):
        result = replace(node, attributes=rewritten(node.attributes, leaf))
    elif isinstance(node, _PLAN):
        known: Any = node
        values = {f.name: rewritten(getattr(known, f.name), leaf) for f in fields(known)}
        result = replace(known, **values)
        if isinstance(node, p.Assign):
            renamed = leaf(Name(node.name))
            if isinstance(renamed, Name):
                result = replace(result, name=renamed.id)
    made: PlanT = result
    return made
