"""The help line of a plain "expected ..., found ...", where the place tells what was meant."""

from __future__ import annotations

from resdsl.syntax.expected import shown
from resdsl.syntax.failure import Failure
from resdsl.syntax.lexemes import Lexeme

_WORDS = {
    "is": "equality is `==`",
    "lambda": "a function gets a name: `def double(v) = 2 * v`",
    "return": "a body's result is what its last statement leaves",
}
_JOINS = {"+": "add", "-": "sub", "*": "mul"}


def hint(failure: Failure) -> str | None:
    """What the author of a statement that does not parse is likely to want, if anything is."""
    token, before = failure.token(failure.at), failure.token(failure.at - 1)
    if token is None or before is None:
        return None
    for word in (token.text, before.text, failure.text(0)):
        if word in _WORDS:
            return _WORDS[word]
    if failure.text(0) == "import":
        return 'an import brings a file, `import "blocks.res"`, or a library, `import std.resnet`'
    if token.text in ("//", "--", "%"):
        return "a comment begins with `#`"
    accepts = failure.accepts
    if "LBRACE" in accepts and not accepts & {"_NL", "$END"}:
        return "bodies stand in braces: `{ ... }`"
    if token.kind == "text" and before.text in ("f", "r", "b") and before.end == token.start:
        return "the `{ }` of a text label are filled in without an `f` before it"
    if token.kind == "number" and before.text == ".":
        return f"an element is `{shown(failure.text(failure.at - 2))}[{shown(token.text)}]`"
    return (
        _about_stages(failure, token, before)
        or _about_marks(failure, token.text)
        or _about_commas(failure, token.text)
    )


def _about_stages(failure: Failure, token: Lexeme, before: Lexeme) -> str | None:
    if failure.text(0) == "stage" and token.kind == "number" and before.text == "x":
        return "how many stands first: `stage layer1: 3 x basic(64)`"
    return None


def _about_marks(failure: Failure, mark: str) -> str | None:
    accepts = failure.accepts
    if mark == ":" and "RSQB" in accepts:
        return "a slice is `list[start:stop]`, without a step"
    if mark == ":" and "EQUAL" in accepts:
        return "an argument is given with `=`"
    if mark in (":", "=") and "DOT" in accepts and "." in failure.joined(failure.at):
        return "a label is one name: the scope around it gives the rest"
    if mark == "," and "RPAR" in accepts and not accepts & {"COMMA", "NUMBER"}:
        return "a list stands in brackets: `[1, 2]`"
    if mark == "{" and failure.text(0) == "stage":
        return "a stage repeats a block: give the body a name with `block`"
    if mark == "{" and "NUMBER" in accepts:
        return "there are no dictionaries and no sets; a list is `[1, 2]`"
    if mark in _JOINS and failure.text(failure.at - 1) == "}":
        return f"a sum of branches is `add {{ ... }} {{ ... }}`; this one, `{_JOINS[mark]}`"
    return None


def _about_commas(failure: Failure, text: str) -> str | None:
    token, accepts = failure.token(failure.at), failure.accepts
    wants_in = "IN" in accepts and "TIMES" not in accepts  # `for a b`, without its `in`
    if token is None or "COMMA" not in accepts or wants_in:
        return None
    operand = token.kind in ("number", "text") or (token.kind == "word" and not token.is_reserved)
    return f"is a `,` missing before `{shown(text)}`?" if operand else None
