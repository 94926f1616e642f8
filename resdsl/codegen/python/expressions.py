"""Expressions of the language as Python source, with no more brackets than Python needs."""

from __future__ import annotations

import json
from collections.abc import Callable

from resdsl.diagnostics import CompileError, InternalError, Span, error
from resdsl.expressions.functions import Function
from resdsl.expressions.nodes import (
    Apply,
    Binary,
    Choice,
    Compare,
    Comprehension,
    Constant,
    Expr,
    Index,
    ListOf,
    Literal,
    Logic,
    Member,
    Name,
    Slice,
    Unary,
)
from resdsl.expressions.simplify import is_literal
from resdsl.expressions.values import describe
from resdsl.ir import Block, BlockValue, Operation, UserFunction
from resdsl.sizes import Size

#: How names are written: plain in a constructor, `self.name` in `forward`.
Naming = Callable[[str], str]

_CHOICE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(10)
_BINARY = {
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "//": _PRODUCT,
    "%": _PRODUCT,
    "**": _POWER,
}

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_OPPOSITE |= {"in": "not in", "not in": "in"}
#: `n > 2` for `2 < n`
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
#: To the language, no number is `true`.
_IDENTITY = {(s, v): i for s, i in (("==", "is"), ("!=", "is not")) for v in ("True", "False")}


class ExpressionPrinter:
    """Prints expressions. Notes the modules and helpers that they need, and learns their names.

    `place` is where what has no place of its own comes from, for errors.
    """

    def __init__(self, uses: Callable[[str], str], place: Span | None = None) -> None:
        self.uses = uses
        self.place = place

    def print(self, expression: Expr, naming: Naming = str, least: int = _CHOICE) -> str:
        """`expression`, in brackets if it binds less tightly than `least`."""
        text, strength = self._print(expression, naming)
        return f"({text})" if strength < least else text

    def _print(self, expression: Expr, naming: Naming) -> tuple[str, int]:
        match expression:
            case Literal(value=value):
                return _literal(value)
            case Name(id=name):
                return naming(name), _ATOM
            case ListOf(items=items):
                inside = ", ".join(self.print(i, naming) for i in items)
                text = f"({inside},)" if len(items) == 1 else f"({inside})"
                return (self.uses(f"list {text}") if is_literal(expression) else text), _ATOM
            case Index(base=base, index=index):
                return f"{self.print(base, naming, _ATOM)}[{self.print(index, naming)}]", _ATOM
            case Slice(base=base, start=start, stop=stop):
                bounds = [self.print(b, naming) if b is not None else "" for b in (start, stop)]
                return f"{self.print(base, naming, _ATOM)}[{':'.join(bounds)}]", _ATOM
            case Member(base=base, name=name):
                own = str if isinstance(base, Name) and base.id in ("self", "layer") else naming
                if isinstance(base, Member):
                    own = str
                return f"{self.print(base, own, _ATOM)}.{name}", _ATOM
            case Unary(operator="not", operand=Unary(operator="not", operand=operand)):
                return self._print(operand, naming)
            case Unary(operator="not", operand=Compare(operands=operands, operators=(symbol,))):
                opposite = Compare(operands, (_OPPOSITE[symbol],))
                return self._print(opposite, naming)
            case Unary(operator="not", operand=operand):
                return f"not {self.print(operand, naming, _NOT)}", _NOT
            case Unary(operator=symbol, operand=operand):
                return f"{symbol}{self.print(operand, naming, _UNARY)}", _UNARY
            case Binary():
                return self._binary(expression, naming)
            case Compare(operands=operands, operators=operators):
                if len(operators) == 1 and is_literal(operands[0]) and operators[0] in _MIRRORED:
                    operands, operators = operands[::-1], (_MIRRORED[operators[0]],)
                parts = [self.print(o, naming, _COMPARE + 1) for o in operands]
                text = parts[0]
                for symbol, part in zip(operators, parts[1:], strict=True):
                    text += f" {_IDENTITY.get((symbol, part), symbol)} {part}"
                return text, _COMPARE
            case Logic(operator=symbol, operands=operands):
                strength = _OR if symbol == "or" else _AND
                return (
                    f" {symbol} ".join(self.print(o, naming, strength + 1) for o in operands),
                    strength,
                )
            case Choice(then=then, condition=condition, otherwise=otherwise):
                first = self.print(then, naming, _OR)
                test = self.print(condition, naming, _OR)
                return f"{first} if {test} else {self.print(otherwise, naming)}", _CHOICE
            case Comprehension():
                return self._comprehension(expression, naming), _ATOM
            case Apply():
                return self._apply(expression, naming)
            case Constant(value=Size() as size, span=span):
                raise error(
                    "R0503",
                    f"the generated code would need the size `{size}`, known at run time only",
                    span or self.place,
                    help="give the input numbers",
                )
            case Constant(value=Block() | BlockValue() | Operation() as value, span=span):
                raise self._block_as_value(value, span)
            case _:
                raise InternalError(f"no Python for {expression!r}")

    def _block_as_value(self, value: object, span: Span | None) -> CompileError:
        return error(
            "R0503",
            f"the generated code would need {describe(value)} as a value",
            span or self.place,
            help="choose between calls with `if`",
        )

    def _binary(self, node: Binary, naming: Naming) -> tuple[str, int]:
        symbol, strength = node.operator, _BINARY[node.operator]
        if symbol == "+" and (_is_list(node.left) or _is_list(node.right)):
            parts = [f"*{self.print(o, naming, _UNARY)}" for o in (node.left, node.right)]
            return f"[{', '.join(parts)}]", _ATOM
        if symbol == "**":
            left = self.print(node.left, naming, _ATOM)
            right = self.print(node.right, naming, _UNARY)
            return f"{left}{_power(node.left, node.right)}{right}", strength
        left = self.print(node.left, naming, strength)
        right = self.print(node.right, naming, strength + 1)
        return f"{left} {symbol} {right}", strength

    def _comprehension(self, node: Comprehension, naming: Naming) -> str:
        def inner(name: str) -> str:
            return name if name in node.targets else naming(name)

        text = f"[{self.print(node.element, inner)} for {', '.join(node.targets)}"
        text += f" in {self.print(node.iterable, naming, _OR)}"
        if node.condition is not None:
            text += f" if {self.print(node.condition, inner, _OR)}"
        return text + "]"

    def _apply(self, node: Apply, naming: Naming) -> tuple[str, int]:
        if not isinstance(node.callee, Constant):
            # Only an arm never taken gets here: the checker stops at such a call where it runs.
            raise error(
                "R0503",
                "the generated code would need the result of a call of what is no function",
                node.span or self.place,
            )
        function = node.callee.value
        arguments = [self.print(a.value, naming) for a in node.arguments]
        if isinstance(function, UserFunction):
            return f"{self.uses(f'def {function.key}')}({', '.join(arguments)})", _ATOM
        if isinstance(function, Block | BlockValue | Operation):
            raise self._block_as_value(function, node.callee.span)
        if not isinstance(function, Function):
            raise InternalError(f"no Python for {function!r}")
        match function.name:
            case "floor" | "ceil" | "log" | "sqrt":
                self.uses("math")
                return f"math.{function.name}({', '.join(arguments)})", _ATOM
            case "zip":
                return f"zip({', '.join(arguments)}, strict=True)", _ATOM
            case "unique":
                return f"list(dict.fromkeys({arguments[0]}))", _ATOM
            case "count":
                base = self.print(node.arguments[0].value, naming, _ATOM)
                return f"{base}.count({arguments[1]})", _ATOM
            case "divisible":
                self.uses("divisible")
                return f"divisible({', '.join(arguments)})", _ATOM
            case _:
                return f"{function.name}({', '.join(arguments)})", _ATOM


def quoted(text: str) -> str:
    """A text as Python source, in the quotes that need fewer escapes."""
    double = json.dumps(text, ensure_ascii=False)
    if text.count('"') <= text.count("'"):
        return double
    inside = double[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inside}'"


def _literal(value: object) -> tuple[str, int]:
    if isinstance(value, str):
        return quoted(value), _ATOM
    text = repr(value)
    return text, _UNARY if text.startswith("-") else _ATOM


def _power(left: Expr, right: Expr) -> str:
    """`**` with spaces where the formatter puts them: around anything but names and numbers."""
    simple = all(isinstance(o, Name | Literal | Member) for o in (left, right))
    return "**" if simple else " ** "


def _is_list(expression: Expr) -> bool:
    return isinstance(expression, ListOf | Comprehension)
