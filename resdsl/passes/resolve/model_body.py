"""Where a model begins and ends: its `input` and its `output`."""

from __future__ import annotations

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Label, Span, error
from resdsl.expressions.nodes import Expr
from resdsl.syntax import ast

_BEGIN = "a model begins with its input: `input(3, 224, 224)`"


def check_boundary(statement: ast.Step, top: str) -> None:
    """Raise where an `input` or `output` does not have the form it must have.

    `top` says of which definition's body the statement stands at the top, if it does.
    """
    call = statement.call
    (written,) = call.path
    if not top or (written == "input" and top == "block"):
        where = "a model alone" if written == "input" else "a model or block alone"
        raise error(
            "R0217",
            f"`{written}` stands at the top of {where}",
            call.path_span,
            help="a block, or a body inside a model, takes its input from where it stands, and "
            "its result goes on from there",
        )
    named = next((a for a in call.arguments if a.name is not None), None)
    if named is not None:
        raise error("R0206", f"`{written}` takes values by position alone", named.span)
    if statement.bodies:
        raise error("R0225", f"`{written}` takes no body", statement.bodies[0].span)
    if written == "input" and not call.arguments:
        raise error(
            "R0207",
            "`input` lacks its shape",
            call.span,
            help="channels first, without the batch: `input(3, 224, 224)`",
        )


def resolve_input(statement: ast.Step, shape: tuple[Expr, ...]) -> ir.InputStep:
    """An `input` statement with its shape settled."""
    match statement.label:
        case None:
            name = "input"
        case ast.NameLabel(name=name):
            pass
        case label:
            raise error("R0223", "the label of an input is a plain name", label.span)
    return ir.InputStep(shape, ir.Fixed(name), statement.span)


def check_end(body: ast.Body, top: str, bag: Bag) -> None:
    """Collect what stands behind the `output` of a model or block."""
    ended: Span | None = None
    for statement in body.statements:
        if ended is not None:
            where = [Label(ended, f"the {top} ends here")]
            bag.add(
                error("R0217", "nothing stands behind `output`", statement.span, secondary=where)
            )
            return
        if _called(statement) == ("output",):
            ended = statement.span


def check_model(body: ast.Body, name: str, name_span: Span, bag: Bag) -> None:
    """Collect what is wrong with the inputs of a model."""
    begun: list[ast.Step] = []
    early = False
    for statement in body.statements:
        if isinstance(statement, ast.Step) and statement.call.path == ("input",):
            begun.append(statement)
        elif not begun and not early and not isinstance(statement, _PREPARATIONS):
            early = True
            # It may have been meant as the input: `inptu(3, 224, 224)`.
            if not _is_wrong(statement.span, bag):
                bag.add(error("R0217", "nothing flows here yet", statement.span, help=_BEGIN))
    if not begun and not early:
        bag.add(error("R0217", f"the model `{name}` has no input", name_span, help=_BEGIN))
    for nameless in begun if len(begun) > 1 else ():
        if nameless.label is None:
            bag.add(_without_label(nameless, begun))


def _called(statement: ast.Statement) -> tuple[str, ...]:
    return statement.call.path if isinstance(statement, ast.Step) else ()


def _is_wrong(span: Span, bag: Bag) -> bool:
    """Whether a mistake in a statement has been reported."""
    places = [d.primary.span for d in bag.items if d.primary is not None]
    return any(p.source is span.source and span.start <= p.start < span.end for p in places)


_PREPARATIONS = ast.Let | ast.Expect | ast.Defaults


def _without_label(statement: ast.Step, begun: list[ast.Step]) -> CompileError:
    other = next(s for s in begun if s is not statement)
    return error(
        "R0217",
        "one of several inputs has no label",
        statement.span,
        secondary=[Label(other.span, "another input")],
        help="`left: input(3, 64, 64)`, and `from left` takes it up",
    )
