"""Builds the syntax tree while Lark parses: a method for every rule of definitions and bodies.

The second half of `TreeBuilder`; the first, in `build_expressions`, makes expressions.
"""

from __future__ import annotations

from typing import Any

from resdsl.diagnostics import Diagnostic, Span
from resdsl.expressions.nodes import Apply, Argument, Expr, Index, Literal, Member, Name
from resdsl.records import dataclass
from resdsl.syntax import ast
from resdsl.syntax.build_expressions import Children, ExpressionBuilder
from resdsl.syntax.label_text import label_parts
from resdsl.syntax.tokens import is_token


@dataclass(frozen=True, slots=True)
class _Path:
    """A dotted name."""

    names: tuple[str, ...]
    span: Span


class TreeBuilder(ExpressionBuilder):
    """Lark's callbacks for a whole definition."""

    # ---- definitions -------------------------------------------------------------------------

    def import_(self, children: Children) -> ast.Import:
        keyword, what = children
        span = self._span(keyword, what)
        if is_token(what):
            return ast.Import(self._text(what, self._span(what, what)), False, span)
        return ast.Import(".".join(what.names), True, span)

    def let(self, children: Children) -> ast.Let:
        keyword, name, value = children
        return ast.Let(str(name), value, self._span(keyword, value), self._span(name, name))

    def function(self, children: Children) -> ast.Function:
        keyword, name, parameters, value = children
        span = self._span(keyword, value)
        return ast.Function(str(name), parameters or (), value, span, self._span(name, name))

    def names(self, children: Children) -> tuple[str, ...]:
        return tuple(map(str, children))

    def defaults(self, children: Children) -> ast.Defaults:
        keyword, *rest = children
        tradition = str(rest[0]) if is_token(rest[0]) else None
        calls = rest[-1] if isinstance(rest[-1], ast.Body) else None
        span = self._span(keyword, calls if calls is not None else rest[0])
        inside: Any = calls.statements if calls is not None else ()
        return ast.Defaults(tradition, inside, span)

    def calls(self, children: Children) -> ast.Body:
        return self.body(children)

    def with_body(self, children: Children) -> ast.Definition:
        keyword, name, parameters, body = children
        span = self._span(keyword, body)
        where = self._span(name, name)
        return ast.Definition(str(keyword), str(name), parameters or (), body, "", span, where)

    def renamed(self, children: Children) -> ast.Definition:
        keyword, name, call = children
        span = self._span(keyword, call)
        value = _as_expression(call)
        return ast.Definition(str(keyword), str(name), (), value, "", span, self._span(name, name))

    def params(self, children: Children) -> tuple[ast.Parameter, ...]:
        return tuple(child for child in children if child is not None)

    def param(self, children: Children) -> ast.Parameter:
        name, kind, default = children
        last = next(child for child in (default, kind, name) if child is not None)
        annotation = None if kind is None else str(kind)
        return ast.Parameter(str(name), annotation, default, self._span(name, last))

    def expect(self, children: Children) -> ast.Expect:
        keyword, condition, message = children
        last = condition if message is None else message
        said = None if message is None else self._text(message, self._span(message, message))
        return ast.Expect(condition, said, self._span(keyword, last))

    # ---- statements --------------------------------------------------------------------------

    def body(self, children: Children) -> ast.Body:
        inside = tuple(child for child in children[1:-1] if child is not None)
        return ast.Body(inside, self._span(children[0], children[-1]))

    def group(self, children: Children) -> ast.Group:
        label, body = children
        return ast.Group(label, body, self._span(label, body))

    def step(self, children: Children) -> ast.Step:
        label, call, *bodies = children
        first = call if label is None else label
        last = bodies[-1] if bodies else call
        return ast.Step(label, call, tuple(bodies), self._span(first, last))

    def name_label(self, children: Children) -> ast.NameLabel:
        return ast.NameLabel(str(children[0]), self._span(children[0], children[0]))

    def index_label(self, children: Children) -> ast.IndexLabel:
        name, index, close = children
        return ast.IndexLabel(str(name), index, self._span(name, close))

    def text_label(self, children: Children) -> ast.TextLabel:
        return self._text_label(self._span(children[0], children[0]))

    def path(self, children: Children) -> _Path:
        return _Path(tuple(map(str, children)), self._span(children[0], children[-1]))

    def call(self, children: Children) -> ast.Call:
        path, arguments = children
        items: tuple[Argument, ...] = () if arguments is None else arguments.items
        last = path if arguments is None else arguments
        return ast.Call(path.names, items, self._span(path, last), path.span)

    def residual(self, children: Children) -> ast.Residual:
        keyword, body, shortcut = children
        last = body if shortcut is None else shortcut
        return ast.Residual(body, shortcut, self._span(keyword, last))

    def shortcut(self, children: Children) -> ast.Shortcut:
        keyword, label, value = children
        return ast.Shortcut(self._as_label(label), value, self._span(keyword, value))

    def stage(self, children: Children) -> ast.Stage:
        keyword, label, count, _, call = children
        return ast.Stage(self._as_label(label), count, call, self._span(keyword, call))

    def for_(self, children: Children) -> ast.For:
        keyword, targets, _, iterable, body = children
        return ast.For(targets.names, iterable, body, self._span(keyword, body), targets.span)

    def if_(self, children: Children) -> ast.If:
        keyword, condition, then, _, otherwise = children
        span = self._span(keyword, then if otherwise is None else otherwise)
        if isinstance(otherwise, ast.If):
            otherwise = ast.Body((otherwise,), otherwise.span)
        return ast.If(condition, then, otherwise, span)

    def from_(self, children: Children) -> ast.From:
        keyword, source = children
        return ast.From(source, self._span(keyword, source))

    # ---- labels ------------------------------------------------------------------------------

    def _as_label(self, written: Expr | None) -> ast.Label | None:
        """The label that a stage or a shortcut has in the form of an expression."""
        if written is None or written.span is None:
            return None
        span = written.span
        in_parentheses = self._source.text[span.start] == "("
        match written:
            case Name(id=name) if not in_parentheses:
                return ast.NameLabel(name, span)
            case Index(base=Name(id=name), index=index) if not in_parentheses:
                return ast.IndexLabel(name, index, span)
            case Literal(value=str()) if not in_parentheses:
                # The brackets of a label are not escaped, so what was a text is read once more.
                return self._text_label(span)
        self._say(
            "R0127",
            "a label is a name, `name[index]` or a text",
            span,
            "this is another expression",
            "write `stage layer1: 3 x basic(64)` or `shortcut downsample: projection`",
        )
        return ast.NameLabel("_", span)

    def _text_label(self, span: Span) -> ast.TextLabel:
        parts, wrong = label_parts(span, self._hole)
        self.found.extend(wrong)
        return ast.TextLabel(parts, span)

    def _hole(self, span: Span) -> tuple[Expr | None, Any, list[Diagnostic]]:
        return self._parse(span.source, span.text, span.start, "expr")


def _as_expression(call: ast.Call) -> Apply:
    """`resnet(basic)` as a value, the form in which a renamed block is kept."""
    callee: Expr = Name(call.path[0], call.path_span)
    for part in call.path[1:]:
        callee = Member(callee, part, call.path_span)
    return Apply(callee, call.arguments, call.span)
