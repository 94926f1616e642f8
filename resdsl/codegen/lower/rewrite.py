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
    """A statement, layer or tuple of such over other names. Classes that it uses stay as they are."""
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
        values = {f.name: rewritten(getattr(node, f.name), leaf) for f in fields(node)}  # type: ignore[arg-type]
        result = replace(node, **values)  # type: ignore[type-var]
        if isinstance(node, p.Assign):
            renamed = leaf(Name(node.name))
            if isinstance(renamed, Name):
                result = replace(result, name=renamed.id)
    return result
