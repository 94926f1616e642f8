"""Types of parameters: stated, or taken from the default."""

from __future__ import annotations

from collections.abc import Mapping

from resdsl import ir
from resdsl.diagnostics import error
from resdsl.diagnostics.near import clipped, did_you_mean, listed
from resdsl.expressions.functions import Function
from resdsl.expressions.nodes import (
    Apply,
    Binary,
    Choice,
    Compare,
    Comprehension,
    Constant,
    Expr,
    ListOf,
    Literal,
    Logic,
    Name,
    NoneValue,
    Slice,
    Unary,
)
from resdsl.records import dataclass, field
from resdsl.syntax import ast

TYPES = ("int", "number", "bool", "text", "list", "block", "tensor", "tensors")

#: Types of what functions give, where it is always the same.
_FUNCTIONS = {
    **dict.fromkeys(("len", "floor", "ceil", "int", "divisible", "count"), "int"),
    **dict.fromkeys(("log", "sqrt"), "number"),
    **dict.fromkeys(("range", "zip", "reversed", "unique"), "list"),
}


@dataclass(slots=True)
class Types:
    """Finds types of expressions over constants, as far as their form shows them."""

    constants: Mapping[str, Expr]
    #: Each constant and function is looked at once, though many may read it.
    known: dict[str, str | None] = field(default_factory=dict)

    def of_parameter(self, parameter: ast.Parameter, default: Expr | None) -> str | None:
        """The type that a parameter's values must have, or `None` where nothing says it."""
        if parameter.type is None:
            return self.of(default)
        if parameter.type not in TYPES:
            raise error(
                "R0213",
                f"there is no type called `{clipped(parameter.type)}`",
                parameter.span,
                help=did_you_mean(parameter.type, TYPES) or f"the types are {listed(TYPES)}",
            )
        if parameter.type in ("tensor", "tensors") and default is not None:
            raise error(
                "R0213",
                f"a parameter of type `{parameter.type}` has no default",
                parameter.span,
                help="there is no tensor before the block is called",
            )
        return parameter.type

    def of(self, value: Expr | None) -> str | None:
        """The type of an expression, or `None`."""
        match value:
            case Literal(value=bool()) | Compare() | Logic() | Unary(operator="not"):
                return "bool"
            case Literal(value=int()):
                return "int"
            case Literal(value=float()):
                return "number"
            case Literal(value=str()):
                return "text"
            case Unary(operand=operand):
                return self.of(operand)
            case Binary(operator=symbol, left=left, right=right):
                return _combined(symbol, self.of(left), self.of(right))
            case ListOf() | Comprehension():
                return "list"
            case Slice(base=base):
                return self.of(base)
            case Apply(callee=Constant(value=ir.Block() | ir.Operation())) | NoneValue():
                return "block"
            case Apply(callee=Constant(value=Function(name=name))):
                return _FUNCTIONS.get(name)
            case Apply(callee=Constant(value=ir.UserFunction() as function)):
                return self._of_named(function.key, function.value)
            case Apply(callee=Apply() as callee):
                return self.of(callee)
            case Choice(then=then, otherwise=otherwise):
                one, other = self.of(then), self.of(otherwise)
                return one if one == other else None
            case Name(id=name) if name in self.constants:
                return self._of_named(name, self.constants[name])
            case _:
                return None

    def _of_named(self, name: str, value: Expr | None) -> str | None:
        if name not in self.known:
            self.known[name] = None  # For a constant or function that leads back to itself.
            self.known[name] = self.of(value)
        return self.known[name]


def _combined(symbol: str, left: str | None, right: str | None) -> str | None:
    kinds = {left, right}
    if "list" in kinds:
        return "list"
    if kinds == {"int"}:
        # A negative power is a float.
        return {"/": "number", "**": None}.get(symbol, "int")
    return "number" if kinds in ({"number"}, {"int", "number"}) else None
