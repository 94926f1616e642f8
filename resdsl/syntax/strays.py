"""Messages about what does not stand where it belongs: at the left margin, in a body, on a line.

Used by the recovery, before the statements themselves are looked at.
"""

from __future__ import annotations

from resdsl.diagnostics import Diagnostic, Label, Source, Span
from resdsl.syntax.expected import shown
from resdsl.syntax.lexemes import Lexeme
from resdsl.syntax.outline import Part

DEFINITIONS = ("import", "let", "def", "defaults", "block", "model", "recipe", "expect")
_OTHER_WORDS = {
    "class": "block",
    "module": "block",
    "layer": "block",
    "fn": "def",
    "func": "def",
    "function": "def",
    "lambda": "def",
    "const": "let",
    "var": "let",
    "val": "let",
    "net": "model",
    "network": "model",
    "assert": "expect",
    "default": "defaults",
    "include": "import",
    "use": "import",
}


def before_definition(source: Source, part: Part, indented: bool) -> Diagnostic | None:
    """What is wrong with where a definition begins, or with its first word."""
    first = part.first
    where = Span(source, first.start, first.end)
    if first.text in DEFINITIONS:
        if not indented:
            return None
        return Diagnostic(
            "R0117",
            "a definition begins at the left margin",
            Label(where, f"this `{first.text}` is indented"),
            help="move it to the start of its line, or close the brace of the body it belongs to",
        )
    help = _definition_meant(part) if first.kind == "word" else None
    if first.text in ("//", "/*", "--"):
        help = "a comment begins with `#`"
    return Diagnostic(
        "R0118",
        f"expected a definition, found `{shown(first.text)}`",
        Label(where, "not inside of any definition"),
        help=help or "statements stand in the body of a `block` or a `model`",
    )


def behind_definition(source: Source, part: Part) -> Diagnostic:
    """A statement, or a second definition, behind the end of one."""
    first = part.first
    where = Span(source, first.start, first.end)
    if first.text in DEFINITIONS:
        message = "a definition begins at the left margin"
        return Diagnostic(
            "R0117",
            message,
            Label(where, "this one begins elsewhere"),
            help="put it on a line of its own",
        )
    return Diagnostic(
        "R0118",
        f"`{shown(first.text)}` stands outside of any definition",
        Label(where, "the definition above has ended"),
        help="does a `}` above it close too early?" if not first.leads or first.start else None,
    )


def brace_on_new_line(source: Source, before: Part, brace: Lexeme) -> Diagnostic:
    """The `{` of a body on a line of its own."""
    last = before.tokens[-1]
    return Diagnostic(
        "R0119",
        "a body's `{` stands on the line it belongs to",
        Label(Span(source, brace.start, brace.end), "this begins a line"),
        (Label(Span(source, last.end, last.end), "it belongs here"),),
        help="a line end ends a statement: move the `{` up",
    )


def _definition_meant(part: Part) -> str | None:
    """The definition that an unknown first word may be meant for."""
    first = part.first
    texts = [token.text for token in part.tokens]
    if len(texts) > 1 and texts[1] == "=":
        return f"a constant is `let {first.text} = ...`"
    if len(texts) > 1 and part.tokens[1].kind == "word":
        meant = _OTHER_WORDS.get(first.text.lower()) or closest(first.text, DEFINITIONS)
        return f"did you mean `{meant}`?" if meant else None
    return None


def closest(word: str, choices: tuple[str, ...]) -> str | None:
    """The choice that a word is most likely a slip of."""
    from difflib import get_close_matches  # Only wanted where something is wrong.

    found = get_close_matches(word.lower(), choices, 1, 0.7)
    return found[0] if found else None
