"""Finds where a parenthesis or bracket ends, also one that its author forgot to close.

Part of making an outline. Inside ( ) and [ ] line ends do not count, so a forgotten one would
swallow what follows; but no brace stands there, no statement begins there, and two operands never
follow each other without a comma or an operator between them.
"""

from __future__ import annotations

from resdsl.diagnostics import Diagnostic, Label, Source, Span
from resdsl.syntax.lexemes import Lexeme
from resdsl.syntax.limits import NESTING

_PARTNER = {"(": ")", "[": "]"}
_BEGINS_STATEMENT = frozenset({"let", "stage", "residual", "shortcut", "expect", "from", "def"})
_JOINS_OPERANDS = frozenset({"if", "else", "for", "in", "or", "and", "not"})


def group_at(
    source: Source, tokens: list[Lexeme], index: int, in_header: bool
) -> tuple[int, Diagnostic | None]:
    """Where the group that opens at `index` ends (exclusive), and what is wrong with it.

    In a definition's header, `name: type` is a parameter and not a label.
    """
    open_: list[Lexeme] = []
    wrong: Diagnostic | None = None
    # Up to here, a `;` is known to stand before what closes the group.
    closing = index
    for at in range(index, len(tokens)):
        token = tokens[at]
        if token.text == ";" and at >= closing:
            closing = _closing_on_line(tokens, at, len(open_))
        if len(open_) > NESTING:
            break  # Only brackets of the wrong kind have kept it from being found too deep.
        if token.opens:
            open_.append(token)
        elif token.closes:
            if _PARTNER[open_[-1].text] != token.text:
                wrong = wrong or _mismatch(source, open_[-1], token)
                following = tokens[at + 1].text if at + 1 < len(tokens) else ""
                _close_wrongly(open_, token.text, following)
            else:
                open_.pop()
            if not open_:
                return at + 1, wrong
        elif token.text == ";" and at < closing:
            wrong = wrong or _semicolon(source, token)
        elif token.text == "{" and (tokens[at - 1].opens or tokens[at - 1].text == ","):
            return _brace_inside(source, tokens, index, at)
        elif _stops(tokens, at, in_header or open_[-1].text == "["):
            break
    else:
        at = len(tokens)
    end, unclosed = _unclosed(source, tokens, index, at)
    return end, wrong or unclosed


def _closing_on_line(tokens: list[Lexeme], at: int, depth: int) -> int:
    """Where all that is open before the `;` at `at` is closed again, if that is on its line, and
    else `at` itself."""
    for position in range(at, len(tokens)):
        token = tokens[position]
        depth += token.opens - token.closes
        if depth == 0:
            return position
        if token.kind == "newline" or token.text in ("{", "}", ":"):
            break
    return at


def _semicolon(source: Source, token: Lexeme) -> Diagnostic:
    return Diagnostic(
        "R0101",
        "expected `,`, found `;`",
        Label(Span(source, token.start, token.end), "not expected here"),
        help="arguments and items of a list have `,` between them",
    )


def _close_wrongly(open_: list[Lexeme], closer: str, following: str) -> None:
    """Close what the author is likely to have meant by the wrong kind of bracket."""
    if all(_PARTNER[opener.text] != closer for opener in open_):
        return  # It is one too many.
    if following != _PARTNER[open_[-1].text]:
        while _PARTNER[open_[-1].text] != closer:
            open_.pop()  # The brackets inside were forgotten.
    open_.pop()


def _stops(tokens: list[Lexeme], at: int, colons: bool) -> bool:
    """Whether the word at `at` cannot stand inside a parenthesis."""
    token = tokens[at]
    if token.text in ("{", "}", ";"):
        return True
    if not token.leads or token.kind != "word":
        return False
    labels = not colons and at + 1 < len(tokens) and tokens[at + 1].text == ":"
    return labels or token.text in _BEGINS_STATEMENT


def _unclosed(
    source: Source, tokens: list[Lexeme], index: int, stop: int
) -> tuple[int, Diagnostic]:
    """The group reaches no further than `stop`: find the line end at which it should close."""
    end = _likely_end(tokens, index, stop)
    open_: list[Lexeme] = []
    for token in tokens[index:end]:
        if token.opens:
            open_.append(token)
        elif token.closes and open_:
            open_.pop()
    last = max((t.end for t in tokens[index:end] if t.kind != "newline"), default=0)
    opener = open_[-1] if open_ else tokens[index]
    closer = _PARTNER[opener.text]
    others = [
        Label(Span(source, t.start, t.end), f"this `{t.text}` is never closed")
        for t in open_ or [opener]
    ]
    return end, Diagnostic(
        "R0102",
        f"a `{closer}` is missing",
        Label(Span(source, last, last), f"expected `{closer}`"),
        tuple(others),
    )


def _likely_end(tokens: list[Lexeme], index: int, stop: int) -> int:
    """The first line end that no operator or comma bridges, or the last one before `stop`."""
    last = stop
    depth = 0
    for at in range(index, stop):
        token = tokens[at]
        depth += token.opens - token.closes
        if token.kind != "newline":
            continue
        if _ends_operand(tokens[at - 1]):
            following = next((n for n in range(at, stop) if tokens[n].kind != "newline"), stop)
            if following < stop and _begins_operand(tokens[following]):
                return at
        last = at
    stopper = tokens[stop] if stop < len(tokens) else None
    return last if stopper is None or stopper.leads else stop


def _ends_operand(token: Lexeme) -> bool:
    if token.kind == "word":
        return token.text not in _JOINS_OPERANDS
    return token.kind in ("number", "text") or token.closes


def _begins_operand(token: Lexeme) -> bool:
    if token.kind == "word":
        return token.text not in _JOINS_OPERANDS
    return token.kind in ("number", "text")


def _mismatch(source: Source, opener: Lexeme, closer: Lexeme) -> Diagnostic:
    partner = _PARTNER[opener.text]
    return Diagnostic(
        "R0104",
        f"this `{closer.text}` cannot close a `{opener.text}`",
        Label(Span(source, closer.start, closer.end), f"expected `{partner}`"),
        (Label(Span(source, opener.start, opener.end), "opened here"),),
    )


def _brace_inside(
    source: Source, tokens: list[Lexeme], index: int, at: int
) -> tuple[int, Diagnostic | None]:
    """A body written as an argument: go on behind the parenthesis, if it ends at all."""
    depth = 0
    end = at + 1
    for position in range(index, len(tokens)):
        token = tokens[position]
        if token.text in "([{":
            depth += 1
        elif token.text in ")]}":
            depth -= 1
        if depth == 0:
            end = position + 1
            break
    where = Label(Span(source, tokens[at].start, tokens[at].end), "a body is no argument")
    return end, Diagnostic(
        "R0132",
        "a `{` inside parentheses",
        where,
        help="bodies stand behind the call: `add { conv(64) } { identity }`",
    )
