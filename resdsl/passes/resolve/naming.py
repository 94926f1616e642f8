"""How items are named: labels, positions in a sequence, and automatic names by kind and place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from resdsl import ir
from resdsl.diagnostics import CompileError, Span, error
from resdsl.diagnostics.near import clipped
from resdsl.expressions.nodes import Expr
from resdsl.records import dataclass, field
from resdsl.syntax import ast

#: Tells whether a call breaks a chain: a join, what takes in other tensors than the current one, or
#: what is no layer.
Joins = Callable[[ast.Call], bool]


def is_sequence(body: ast.Body, joins: Joins) -> bool:
    """Whether a scope is a plain chain without labels.

    No residual, no join or operation on named tensors, no `scale` or `offset`, and no `from` but a
    leading one.
    """
    statements = body.statements
    while statements and isinstance(statements[0], ast.Let | ast.Expect | ast.Defaults):
        statements = statements[1:]
    if statements and isinstance(statements[0], ast.From):
        statements = statements[1:]
    return all(_is_plain(s, joins) for s in statements)


def _is_plain(statement: ast.Statement, joins: Joins) -> bool:
    match statement:
        case ast.Step(label=label, bodies=bodies, call=call):
            unlabelled = label is None or call.path == ("input",)
            return unlabelled and not bodies and not joins(call)
        case ast.Stage(label=label):
            return label is None
        case ast.For(body=body):
            return all(_is_plain(s, joins) for s in body.statements)
        case ast.If(then=then, otherwise=otherwise):
            arms = (then,) if otherwise is None else (then, otherwise)
            return all(_is_plain(s, joins) for arm in arms for s in arm.statements)
        case ast.Let() | ast.Expect() | ast.Defaults():
            return True
        case _:
            return False


def labels_in(body: ast.Body) -> dict[str, Span]:
    """Every label in a body and the bodies inside it, for messages."""
    found: dict[str, Span] = {}
    pending = [body]
    while pending:
        for statement in pending.pop().statements:
            for label in _labels_of(statement):
                if isinstance(label, ast.NameLabel | ast.IndexLabel):
                    found.setdefault(label.name, label.span)
            pending += _bodies(statement)
    return found


def elements_in(body: ast.Body) -> Iterator[tuple[str, Span]]:
    """The lists that a body fills, `y[i]: …`, those of bodies in the same scope included."""
    for statement in body.statements:
        for label in _labels_of(statement):
            if isinstance(label, ast.IndexLabel):
                yield label.name, label.span
        match statement:
            case ast.Group():
                pass
            case ast.Residual(body=inner):
                yield from elements_in(inner)
            case _:
                for inner in _bodies(statement):
                    yield from elements_in(inner)


def _labels_of(statement: ast.Statement) -> list[ast.Label | None]:
    match statement:
        case ast.Step(label=label) | ast.Group(label=label) | ast.Stage(label=label):
            return [label]
        case ast.Residual(shortcut=ast.Shortcut(label=label)):
            return [label]
        case _:
            return []


def _bodies(statement: ast.Statement) -> list[ast.Body]:
    match statement:
        case ast.Step(bodies=bodies):
            return list(bodies)
        case ast.Group(body=body) | ast.For(body=body):
            return [body]
        case ast.Residual(body=body, shortcut=ast.Shortcut(value=ast.Body() as own)):
            return [body, own]
        case ast.Residual(body=body):
            return [body]
        case ast.If(then=then, otherwise=otherwise):
            return [then] if otherwise is None else [then, otherwise]
        case _:
            return []


@dataclass(slots=True)
class Naming:
    """The names given out in one scope so far. `loops` is how deep in loops the text stands."""

    sequence: bool
    counts: dict[str, int] = field(default_factory=dict)
    loops: int = 0

    def name(
        self, label: ast.Label | None, kind: str, settle: Callable[[Expr], Expr]
    ) -> ir.ItemName:
        """The name of the next item of a kind."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        match label:
            case ast.NameLabel(name=name):
                return ir.Fixed(name)
            case ast.IndexLabel(name=name, index=index):
                return ir.Element(name, settle(index))
            case ast.TextLabel(parts=parts):
                return ir.Template(tuple(p if isinstance(p, str) else settle(p) for p in parts))
            case None:
                if self.sequence:
                    return ir.Position()
                return ir.Automatic(f"{kind}{self.counts[kind]}", self.loops)


def check_label(label: ast.Label | None) -> None:
    """Raise for a label that cannot name anything, as far as its text tells."""
    match label:
        case ast.NameLabel(name=name) | ast.IndexLabel(name=name):
            check_label_text(name, label.span)
        case ast.TextLabel(parts=parts) if all(isinstance(p, str) for p in parts):
            check_label_text("".join(map(str, parts)), label.span)
        case ast.TextLabel(parts=(*_, str(end))) if end.endswith("_"):
            raise _ends_badly(end, label.span)


#: Characters of a label. Names of weights are made of up to 64 of them.
LONGEST_LABEL = 200


def check_label_text(text: str, span: Span) -> None:
    """Raise for a name that cannot be an item's."""
    if text.endswith("_"):
        raise _ends_badly(text, span)
    if len(text) > LONGEST_LABEL:
        raise error("R0223", f"a label has {LONGEST_LABEL} characters at most", span)


def _ends_badly(text: str, span: Span) -> CompileError:
    return error(
        "R0223",
        f"the label `{clipped(text)}` ends in `_`",
        span,
        help="generated code keeps such names for itself: a label `class` becomes `class_` there",
    )
