"""Builds expressions while Lark parses: a method for every rule of the grammar's second half.

The methods are called bottom-up as rules are recognised, so no depth of nesting meets Python's own
stack here; how deep a tree becomes is counted, and bounded, for the stages that walk it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from resdsl.diagnostics import Diagnostic, Label, Source, Span
from resdsl.expressions.nodes import (
    Apply,
    Argument,
    Binary,
    Choice,
    Compare,
    Comprehension,
    Expr,
    Index,
    Input,
    ListOf,
    Literal,
    Logic,
    Member,
    Name,
    NoneValue,
    Slice,
    Unary,
)
from resdsl.records import dataclass, replace
from resdsl.syntax import literals
from resdsl.syntax.limits import EXPRESSION_DEPTH
from resdsl.syntax.tokens import Token, is_token

Children: TypeAlias = list[Any]
Parse: TypeAlias = Callable[[Source, str, int, str], tuple[Any, Any, list[Diagnostic]]]

NOT_IN = "not in"
PYTHON_SPELLING = {"True": "true", "False": "false", "None": "none"}
LOUD_SPELLING = {"TRUE": "true", "FALSE": "false", "NONE": "none"}


@dataclass(frozen=True, slots=True)
class _Arguments:
    """`(a, b = c)` behind a callee."""

    items: tuple[Argument, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class _Targets:
    """`a, b` between `for` and `in`."""

    names: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class _Generator:
    """`element for targets in iterable if condition`, not yet in its brackets."""

    element: Expr
    targets: _Targets
    iterable: Expr
    condition: Expr | None
    span: Span


class TooDeep(Exception):
    """Stops a parse whose tree has become too deep; the diagnostic is in `found`."""


class ExpressionBuilder:
    """The tree of one text: `source`, and the offset at which the text begins in it."""

    TooDeep = TooDeep

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        self.begin(Source("", ""), 0)

    def begin(self, source: Source, base: int) -> tuple[Any, ...]:
        """Make ready for a text; returns what to `restore` behind it."""
        before = tuple(getattr(self, "_state", ()))
        self._source = source
        self._base = base
        self.found: list[Diagnostic] = []
        # How deep the trees made so far are. The nodes are kept beside, for an id may be reused.
        self._depths: dict[int, tuple[int, object]] = {}
        self._state = (source, base, self.found, self._depths)
        return before

    def restore(self, state: tuple[Any, ...]) -> None:
        """Go back to the text before, where one parse ran inside another."""
        self._state = state
        if state:
            self._source, self._base, self.found, self._depths = state

    # ---- where things stand ------------------------------------------------------------------

    def _start(self, child: Any) -> int:
        start: int = self._base + child.start_pos if is_token(child) else child.span.start
        return start

    def _end(self, child: Any) -> int:
        end: int = self._base + child.end_pos if is_token(child) else child.span.end
        return end

    def _span(self, first: Any, last: Any) -> Span:
        return Span(self._source, self._start(first), self._end(last))

    def _say(
        self, code: str, message: str, span: Span, label: str, help: str | None = None
    ) -> None:
        self.found.append(Diagnostic(code, message, Label(span, label), help=help))

    def _grown(self, node: Expr, *parts: Expr | None) -> Expr:
        """The node, after counting how deep its tree is."""
        depth = 1
        for part in parts:
            known = self._depths.get(id(part))
            if known is not None and known[0] >= depth:
                depth = known[0] + 1
        if depth > EXPRESSION_DEPTH:
            message = f"this expression is more than {EXPRESSION_DEPTH} levels deep"
            help = "give parts of it a name with `let`"
            self._say("R0114", message, node.span or Span(self._source, 0, 0), "", help)
            raise TooDeep
        self._depths[id(node)] = (depth, node)
        return node

    # ---- atoms -------------------------------------------------------------------------------

    def number(self, children: Children) -> Expr:
        span = self._span(children[0], children[0])
        value = literals.number(children[0], span)
        if isinstance(value, Diagnostic):
            self.found.append(value)
            value = 0
        return Literal(value, span)

    def text(self, children: Children) -> Expr:
        span = self._span(children[0], children[0])
        return Literal(self._text(children[0], span), span)

    def _text(self, token: Token, span: Span) -> str:
        value, wrong = literals.text(token, span)
        self.found.extend(wrong)
        return value

    def name(self, children: Children) -> Expr:
        word = str(children[0])
        span = self._span(children[0], children[0])
        if word in PYTHON_SPELLING:
            self._misspelt(span, PYTHON_SPELLING[word], "spelled Python's way")
        elif word in LOUD_SPELLING:
            self._misspelt(span, LOUD_SPELLING[word], "words of the language are in lower case")
        return Name(word, span)

    def _misspelt(self, span: Span, right: str, why: str) -> None:
        self._say("R0122", f"`{span.text}` is written `{right}`", span, why, f"write `{right}`")

    def input(self, children: Children) -> Expr:
        return Input(self._span(children[0], children[0]))

    def truth(self, children: Children) -> Expr:
        return Literal(children[0] == "true", self._span(children[0], children[0]))

    def none(self, children: Children) -> Expr:
        return NoneValue(self._span(children[0], children[0]))

    def parentheses(self, children: Children) -> Expr:
        inner: Expr = children[1]
        outer = replace(inner, span=self._span(children[0], children[2]))
        depth, _ = self._depths.get(id(inner), (0, None))
        if depth:
            self._depths[id(outer)] = (depth, outer)
        return outer

    def list(self, children: Children) -> Expr:
        span = self._span(children[0], children[-1])
        items = [child for child in children[1:-1] if child is not None]
        if len(items) == 1 and isinstance(items[0], _Generator):
            return self._comprehension(items[0], span)
        return self._grown(ListOf(tuple(items), span), *items)

    # ---- operators ---------------------------------------------------------------------------

    def binary(self, children: Children) -> Expr:
        left, operator, right = children
        return self._grown(Binary(str(operator), left, right, self._span(left, right)), left, right)

    def prefix(self, children: Children) -> Expr:
        operator, operand = children
        return self._grown(Unary(str(operator), operand, self._span(operator, operand)), operand)

    def comparator(self, children: Children) -> Token:
        first: Token = children[0]
        if len(children) == 1:
            return first
        return Token("IN", NOT_IN, first.start_pos, first.end_pos)

    def comparison(self, children: Children) -> Expr:
        operands = tuple(children[::2])
        operators = tuple(str(operator) for operator in children[1::2])
        span = self._span(children[0], children[-1])
        if NOT_IN not in operators:
            return self._grown(Compare(operands, operators, span), *operands)
        # `a < b not in c` means `a < b and not b in c`; without side effects, b may stand twice.
        links = [
            self._link(operands[i], operator, operands[i + 1])
            for i, operator in enumerate(operators)
        ]
        if len(links) == 1:
            return links[0]
        return self._grown(Logic("and", tuple(links), span), *links)

    def _link(self, left: Expr, operator: str, right: Expr) -> Expr:
        span = self._span(left, right)
        bare = operator.removeprefix("not ")
        link = self._grown(Compare((left, right), (bare,), span), left, right)
        return link if bare == operator else self._grown(Unary("not", link, span), link)

    def conjunction(self, children: Children) -> Expr:
        return self._logic("and", children)

    def disjunction(self, children: Children) -> Expr:
        return self._logic("or", children)

    def _logic(self, operator: str, children: Children) -> Expr:
        operands = tuple(children[::2])
        span = self._span(operands[0], operands[-1])
        return self._grown(Logic(operator, operands, span), *operands)

    def choice(self, children: Children) -> Expr:
        then, _, condition, _, otherwise = children
        node = Choice(then, condition, otherwise, self._span(then, otherwise))
        return self._grown(node, then, condition, otherwise)

    # ---- what follows an atom ----------------------------------------------------------------

    def index(self, children: Children) -> Expr:
        base, index, close = children
        return self._grown(Index(base, index, self._span(base, close)), base, index)

    def slice(self, children: Children) -> Expr:
        base, start, stop, close = children
        return self._grown(Slice(base, start, stop, self._span(base, close)), base, start, stop)

    def member(self, children: Children) -> Expr:
        base, name = children
        return self._grown(Member(base, str(name), self._span(base, name)), base)

    def apply(self, children: Children) -> Expr:
        callee, arguments = children
        node = Apply(callee, arguments.items, self._span(callee, arguments))
        return self._grown(node, callee, *(argument.value for argument in arguments.items))

    def args(self, children: Children) -> _Arguments:
        items = tuple(child for child in children[1:-1] if child is not None)
        return _Arguments(items, self._span(children[0], children[-1]))

    def arg(self, children: Children) -> Argument:
        name, value = children
        span = self._span(name if name is not None else value, value)
        if isinstance(value, _Generator):
            value = self._comprehension(value, value.span)
        return Argument(None if name is None else str(name), value, span)

    def comprehension(self, children: Children) -> _Generator:
        element, _, targets, _, iterable, _, condition = children
        last = iterable if condition is None else condition
        return _Generator(element, targets, iterable, condition, self._span(element, last))

    def targets(self, children: Children) -> _Targets:
        return _Targets(tuple(map(str, children)), self._span(children[0], children[-1]))

    def _comprehension(self, inner: _Generator, span: Span) -> Expr:
        node = Comprehension(
            inner.element, inner.targets.names, inner.iterable, inner.condition, span
        )
        return self._grown(node, inner.element, inner.iterable, inner.condition)
