"""Errors as they leave a block: with the call that led to them, and at a line of the author's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resdsl import ir
from resdsl.diagnostics import CompileError, Diagnostic, Label, Span, error
from resdsl.ir.call_text import call_text
from resdsl.ir.graph import Frame
from resdsl.ops.shapes import would_do
from resdsl.passes.elaborate.values import Tensor, ratio
from resdsl.records import replace

#: Calls shown one by one; of a longer chain the innermost, and where it began.
_SHOWN = 6


def leaving(failure: CompileError, block: ir.Block, frame: Frame) -> CompileError:
    """What went wrong in a block, seen from where it was called."""
    return CompileError(_seen_outside(d, block, frame) for d in failure.diagnostics)


def _seen_outside(diagnostic: Diagnostic, block: ir.Block, frame: Frame) -> Diagnostic:
    primary = diagnostic.primary
    library = block.span.source.library
    if library is not None and primary is not None and primary.span.source is block.span.source:
        # The author has not written that line: the one that calls for it is theirs.
        called = f"in `{frame.text}` of {library}"
        if block.is_prelude:
            called = f"in the prelude's `{block.name}`"
        return replace(
            diagnostic,
            primary=Label(frame.span, called),
            secondary=(*diagnostic.secondary, primary),
        )
    called = f"called from `{frame.stage}` at" if frame.stage else "called from"
    return _with_call(diagnostic, f"`{frame.text}`, {called} {frame.span}")


def leaving_function(
    failure: CompileError,
    function: ir.UserFunction,
    arguments: Mapping[str, Any],
    span: Span | None,
) -> CompileError:
    """What went wrong in a function of the author's, seen from where it was called."""
    call = f"`{call_text(function.name, arguments)}`, called from {span}"
    return CompileError(_with_call(d, call) for d in failure.diagnostics)


def _with_call(diagnostic: Diagnostic, call: str) -> Diagnostic:
    notes = diagnostic.notes
    chain = [n for n in notes if n.startswith(("in `", "and so on"))]
    if len(chain) < _SHOWN:
        return replace(diagnostic, notes=(*notes, f"in {call}"))
    kept = notes[:-1] if len(chain) > _SHOWN else notes
    return replace(diagnostic, notes=(*kept, f"and so on, up to {call}"))


def in_alias(failure: CompileError, entry: ir.ModelEntry) -> CompileError:
    """What went wrong in a model, seen from the name that was given to it with its arguments."""
    note = f"in the model `{entry.name}` at {entry.span}"
    return CompileError(replace(d, notes=(*d.notes, note)) for d in failure.diagnostics)


def mismatch(
    step: ir.ResidualStep, before: Tensor, shortcut: Tensor, after: Tensor
) -> CompileError:
    """The error for a shortcut that cannot be added to its branch."""
    statements = [s for s in step.body if not isinstance(s, ir.Let | ir.Expectation)]
    last = statements[-1].span if statements else step.span
    own = step.shortcut
    if own is None:
        place, brings = step.span, f"its input comes along as {shortcut.type}"
    else:
        place, brings = own.span, f"but the shortcut brings {shortcut.type}"
    return error(
        "R0304",
        "shortcut and branch have different shapes",
        place,
        brings,
        secondary=[Label(last, f"the branch leaves {after.type}")],
        help=would_do(shortcut.type, after.type)
        or (_advice(shortcut, after) if shortcut is before else None),
    )


def _advice(before: Tensor, after: Tensor) -> str:
    """What helps where the shortcut is the identity."""
    if before.type.rank != after.type.rank:
        return "they have different numbers of dimensions: pool or flatten behind the residual"
    if before.type.rank == 0 or before.place.origin != after.place.origin:
        return "give the shortcut a body of its own: `shortcut { … }`"
    strides = [ratio(*pair) for pair in zip(after.place.strides, before.place.strides, strict=True)]
    sizes = zip(before.type.spatial, strides, after.type.spatial, strict=True)
    if all(s.denominator == 1 and -(-size // int(s)) == left for size, s, left in sizes):
        return "project it: `shortcut projection`"
    return "the branch does not keep the positions: look at `pad` and `kernel` in it"


def body_span(body: ir.Body, step: ir.JoinStep) -> Span:
    """Where a body of a join ends."""
    return body[-1].span if body else step.span


def stage_text(step: ir.StageStep) -> str:
    """A stage as messages speak of it."""
    match step.name:
        case ir.Fixed(text=text) | ir.Automatic(text=text):
            return f"stage {text}"
        case ir.Element(base=base):
            return f"stage {base}[…]"
        case _:
            return "stage"


def not_applied(callee: Any, written: str, is_shortcut: bool) -> str | None:
    """What helps where something is called that is no block."""
    if is_shortcut and isinstance(callee, Tensor):
        return "`shortcut { from … }` takes up a tensor"
    return f"leave it out where it is: `if {written} != none {{ … }}`" if callee is None else None
