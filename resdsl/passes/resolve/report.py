"""What was found in a file, as it is reported: in the order of the text, each unknown name once."""

from __future__ import annotations

from resdsl.diagnostics import Diagnostic, Source
from resdsl.records import replace
from resdsl.syntax.limits import ERRORS

#: Mistakes that may be none where names come from a file that was not read.
_ABOUT_UNKNOWN_NAMES = ("R0201", "R0205", "R0211", "R0828")


#: The place of what is wrong in another file, before all places in this one.
_ELSEWHERE = (False, 0)


def reported(found: list[Diagnostic], source: Source, lacks_names: bool) -> list[Diagnostic]:
    """What is said about a file, up to the bound; `lacks_names`: an import of it failed."""
    if lacks_names:
        found = [d for d in found if not _may_be_imported(d, source)]
    # What is wrong in imported files stands before what is wrong in this one.
    found = _together(sorted(found, key=lambda d: _place(d, source)))
    if len(found) > ERRORS:
        message = f"more than {ERRORS} errors: the rest is not shown"
        found[ERRORS:] = [Diagnostic("R0130", message, found[ERRORS].primary)]
    return found


def _together(found: list[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for each unknown name, with the other lines where it stands."""
    lines: dict[object, list[int]] = {}
    kept: dict[object, Diagnostic] = {}
    for diagnostic in found:
        collect = diagnostic.code in _ABOUT_UNKNOWN_NAMES and diagnostic.primary is not None
        key: object = diagnostic
        if collect and diagnostic.primary is not None:
            key = (diagnostic.code, diagnostic.message, diagnostic.primary.span.source)
        if key in kept and collect and diagnostic.primary is not None:
            lines.setdefault(key, []).append(diagnostic.primary.span.line)
        kept.setdefault(key, diagnostic)
    for key, more in lines.items():
        shown = ", ".join(map(str, dict.fromkeys(more[:8]))) + (", ..." if len(more) > 8 else "")
        note = f"and again in {'line' if len(set(more)) == 1 else 'lines'} {shown}"
        kept[key] = replace(kept[key], notes=(*kept[key].notes, note))
    return list(kept.values())


def _may_be_imported(diagnostic: Diagnostic, source: Source) -> bool:
    """Whether a file is only accused of names that an import which failed may define."""
    return diagnostic.code in _ABOUT_UNKNOWN_NAMES and _place(diagnostic, source) != _ELSEWHERE


def _place(diagnostic: Diagnostic, source: Source) -> tuple[bool, int]:
    span = diagnostic.primary.span if diagnostic.primary is not None else None
    return (True, span.start) if span is not None and span.source is source else _ELSEWHERE
