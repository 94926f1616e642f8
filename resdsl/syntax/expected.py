"""Puts into the author's words what the grammar would have accepted, and what it found instead."""

from __future__ import annotations

from resdsl.diagnostics import Diagnostic, Label, Span
from resdsl.syntax.lexemes import lexemes

_WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": 'a text in `"`',
    "_NL": "the end of the line",
    "_BREAK": "",
    "$END": "the end of the line",
    "COMMA": "`,`",
    "COLON": "`:`",
    "DOT": "`.`",
    "EQUAL": "`=`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "COMPARE": "a comparison",
    "PLUS_MINUS": "`+`",
    "TIMES": "`*`",
    "POWER": "`**`",
}

_DEFINITION = frozenset({"IMPORT", "LET", "DEF", "DEFAULTS", "BLOCK", "MODEL", "RECIPE", "EXPECT"})
_STATEMENT = frozenset(
    (
        *("LET", "DEFAULTS", "EXPECT", "RESIDUAL", "STAGE", "FOR", "IF", "FROM"),
        *("NAME", "STRING", "RBRACE"),
    )
)
_EXPRESSION = frozenset(
    (
        *("NAME", "NUMBER", "STRING", "IN", "TRUE", "FALSE", "NONE"),
        *("NOT", "PLUS_MINUS", "LPAR", "LSQB"),
    )
)
_GOES_ON = frozenset(
    (
        *("OR", "AND", "IF", "COMPARE", "IN", "NOT"),
        *("PLUS_MINUS", "TIMES", "POWER", "DOT", "LPAR", "LSQB"),
    )
)


def in_words(accepts: frozenset[str]) -> str:
    """`` `,` or `)` ``: what might have stood there, the wide classes by their own name."""
    named = []
    left = set(accepts)
    for group, word, sign in (
        (_DEFINITION, "a definition", {"BLOCK", "MODEL"}),
        (_STATEMENT, "a statement", {"RESIDUAL", "STAGE"}),
        (_EXPRESSION, "an expression", {"NUMBER", "NAME"}),
        (_GOES_ON, "", {"TIMES", "POWER"}),
    ):
        if sign <= left:
            left -= group
            named.append(word)
    if "COMMA" in left:
        left.discard("FOR")  # `f(v for v in list)` is seldom what was meant.
    named.extend(_WORDS.get(name, f"`{name.lower()}`") for name in sorted(left, key=_rank))
    words = [word for word in dict.fromkeys(named) if word]
    if not words:
        return "an operator" if accepts & _GOES_ON else "nothing more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def shown(text: str) -> str:
    """A piece of the author's text, fit to stand in a message."""
    plain = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:41])
    return plain if len(text) <= 40 else plain[:36] + "..."


def unexpected(
    whole: Span,
    offset: int,
    accepts: frozenset[str],
    help: str | None = None,
    ends: str = "the line ends",
) -> Diagnostic:
    """The plain message about a text that the grammar cannot follow beyond `offset`."""
    source = whole.source
    lexeme = next(lexemes(source.text, offset, whole.end), None)
    words = in_words(accepts)
    if lexeme is None or lexeme.kind == "newline":
        before = len(source.text[whole.start : offset].rstrip()) + whole.start
        span = Span(source, before, before)
        message = f"expected {words}, but {ends}"
        return Diagnostic("R0101", message, Label(span, f"expected {words}"), help=help)
    span = Span(source, lexeme.start, lexeme.end)
    message = f"expected {words}, found `{shown(lexeme.text)}`"
    return Diagnostic("R0101", message, Label(span, "not expected here"), help=help)


def _rank(terminal: str) -> tuple[bool, str]:
    """Marks first, ends last."""
    return terminal in ("_NL", "$END", "RBRACE"), terminal
