"""A fault as a compiler diagnostic: where, how far, since when, why, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite

from resdsl.diagnostics import Diagnostic, Label
from resdsl.ir.graph import Frame, Node
from resdsl.ops import attributes_of
from resdsl.parity.causes import BACKWARD, FORWARD, STATISTICS, TRAIN, Variant, value_text
from resdsl.parity.localize.local import Local
from resdsl.parity.localize.match import Match, Ruling
from resdsl.parity.report import Cause, Fault
from resdsl.records import replace as changed

#: What differs, by the part of a run in which it shows.
WHAT = {
    FORWARD: "its result in the eval forward",
    TRAIN: "its result in the train forward",
    STATISTICS: "its running statistic",
    BACKWARD: "its gradient",
}
#: More paths than this are counted.
SHOWN = 4
#: More messages than this about one run are counted.
MESSAGES = 6


def calls_of(node: Node) -> tuple[str, ...]:
    """The chain of calls that led to a node, innermost first."""
    frame: Frame | None = node.origin.frame
    return () if frame is None else tuple(f"`{f.text}` at {f.span}" for f in frame.chain())


def cause_of(match: Match, odd: str) -> Cause:
    """A match in words."""
    variant, node = match.variant, match.attempt.node
    return Cause(
        variant.name, node.path, variant.says, variant.tradition, _help(variant, node, odd)
    )


def _help(variant: Variant, node: Node, odd: str) -> str:
    if variant.help:
        return variant.help
    if variant.op is not None and not variant.twist:
        own = node.op
        changes = (
            f"{name} = {value_text(getattr(variant.op, name))}"
            for name in attributes_of(type(own))
            if getattr(variant.op, name) != getattr(own, name)
        )
        written = f"{own.name}(…, {', '.join(changes)})"
        return f"if it is meant, `{written}` makes every backend do so; else correct {odd}'s source"
    return f"correct {odd}'s source: the network says something else"


def diagnostic_of(fault: Fault, local: Local, node: Node, ruled: Ruling | None) -> Diagnostic:
    """The whole message."""
    what = fault.problem or f"differs by {fault.error:.1e}, and {fault.limit:.1e} is allowed"
    subject = WHAT[fault.phase]
    if local.key != fault.path and not local.key.startswith(f"{fault.path}#"):
        subject += f", at `{local.key}`,"
    return Diagnostic(
        "R0605",
        f"{fault.odd}: `{fault.path}` computes something else: {subject} {what}",
        Label(node.origin.span, _label(fault)),
        notes=tuple(_notes(fault, local, ruled)),
        help=fault.causes[0].help if fault.causes else None,
    )


def _label(fault: Fault) -> str:
    if not fault.causes:
        return "the difference is created here"
    return " or ".join(f"matches `{cause.name}`" for cause in fault.causes[:1])


def _notes(fault: Fault, local: Local, ruled: Ruling | None) -> Iterator[str]:
    yield "created here: on the reference's own input, this operation alone makes the difference"
    along = [
        f"{error:.1e} {where} it"
        for error, where in ((fault.before, "before"), (fault.behind, "behind"))
        if error is not None and isfinite(error)
    ]
    if along:
        yield f"in the normal run: {', '.join(along)}"
    yield from _whose(fault, ruled)
    for place, cause in enumerate(fault.causes):
        where = "" if cause.path == fault.path else f" at `{cause.path}`"
        custom = f" ({cause.tradition})" if cause.tradition else ""
        lead = "it matches" if place == 0 else "or"
        yield f"{lead} `{cause.name}`{where}: {cause.says}{custom}"
    if not fault.causes and ruled is not None:
        yield f"none of {ruled.tried} known variants gives this result"
    if len(local.nodes) > 1 and not fault.causes:
        first, last = local.nodes[0].path, local.nodes[-1].path
        yield f"values between `{first}` and `{last}` are not known: it is one of these"
    others = [path for path in fault.paths if path != fault.path]
    if others:
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        yield f"the same at {', '.join(f'`{path}`' for path in others[:SHOWN])}{more}"
    yield from (f"in {call}" for call in fault.calls)


def _whose(fault: Fault, ruled: Ruling | None) -> Iterator[str]:
    if ruled is None:
        yield "without PyTorch, no causes are tried"
    elif ruled.is_reference:
        yield f"{fault.odd} is the reference: the other backend computes what the network says"
    elif not ruled.settled:
        yield "neither backend computes here what the network says"


def told(faults: Sequence[Fault], more: tuple[str, ...] = ()) -> tuple[Fault, ...]:
    """The faults with what is to be said of them together, and `more` about the first.

    Where one cause is at several lines, one message names all of them. Others are counted beyond a
    few.
    """
    leaders: dict[object, int] = {}
    followers: dict[int, list[Fault]] = {}
    for number, fault in enumerate(faults):
        key = (fault.odd, fault.causes[0].name) if fault.causes else number
        leader = leaders.setdefault(key, number)
        followers.setdefault(leader, []).append(fault)
    hidden = list(followers)[MESSAGES:]
    found = []
    for number, fault in enumerate(faults):
        notes = (
            [f"the same at {_places(followers[number])}"] if _is_shared(followers, number) else []
        )
        if number == 0:
            notes += more
            notes += [f"{len(hidden)} more differences are created elsewhere"] if hidden else []
        is_shown = number in followers and number not in hidden
        found.append(replace(fault, diagnostic=_noted(fault, notes) if is_shown else None))
    return tuple(found)


def _is_shared(followers: Mapping[int, Sequence[Fault]], number: int) -> bool:
    return len(followers.get(number, ())) > 1


def _places(faults: Sequence[Fault]) -> str:
    places = [f"{fault.place} (`{fault.path}`)" for fault in faults[1 : SHOWN + 1]]
    rest = len(faults) - 1 - len(places)
    return ", ".join(places) + (f" and {rest} more lines" if rest else "")


def _noted(fault: Fault, notes: Sequence[str]) -> Diagnostic | None:
    diagnostic = fault.diagnostic
    if diagnostic is None or not notes:
        return diagnostic
    return changed(diagnostic, notes=(*diagnostic.notes, *notes))
