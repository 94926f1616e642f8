"""Where a model begins and ends: its `input` and its `output`."""

from __future__ import annotations

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Label, Span, error
from resdsl.expressions.nodes import Expr
from resdsl.syntax import ast

_BEGIN = "a model begins with its input: `input(3, 224, 224)`"


def check_boundary(statement: ast.Step, of_model: bool) -> None:
    """Raise where an `input` or `output` does not have the form it must have."""
    call = statement.call
    (written,) = call.path
    if not of_model:
        raise error(
            "R0217",
            f"`{written}` stands at the top of a model alone",
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
    if written == "output" and len(call.arguments) > 1:
        raise error(
            "R0217",
            "several outputs are not in this version",
            call.span,
            help="join them into one tensor, as with `concat`",
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


def check_model(body: ast.Body, name: str, name_span: Span, bag: Bag) -> None:
    """Collect what is wrong with the order of a model's statements."""
    begun: Span | None = None
    ended: Span | None = None
    early = False
    for statement in body.statements:
        call = statement.call.path if isinstance(statement, ast.Step) else ()
        if ended is not None:
            bag.add(
                error(
                    "R0217",
                    "nothing stands behind `output`",
                    statement.span,
                    secondary=[Label(ended, "the model ends here")],
                )
            )
            break
        if call == ("input",):
            if begun is not None:
                bag.add(_second_input(statement.span, begun))
            begun = begun or statement.span
        elif call == ("output",):
            ended = statement.span
        if begun is None and not early and not isinstance(statement, _PREPARATIONS):
            early = True
            # It may have been meant as the input: `inptu(3, 224, 224)`.
            if not _is_wrong(statement.span, bag):
                bag.add(error("R0217", "nothing flows here yet", statement.span, help=_BEGIN))
    if begun is None and not early:
        bag.add(error("R0217", f"the model `{name}` has no input", name_span, help=_BEGIN))


def _is_wrong(span: Span, bag: Bag) -> bool:
    """Whether a mistake in a statement has been reported."""
    places = [d.primary.span for d in bag.items if d.primary is not None]
    return any(p.source is span.source and span.start <= p.start < span.end for p in places)


_PREPARATIONS = ast.Let | ast.Expect | ast.Defaults


def _second_input(span: Span, first: Span) -> CompileError:
    return error(
        "R0217",
        "several inputs are not in this version",
        span,
        secondary=[Label(first, "the first input")],
        help="take one input, and cut it apart outside the network",
    )
