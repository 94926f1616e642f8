"""Recognises what an author who comes from elsewhere is likely to have meant.

A statement that does not parse is looked at by each of these in turn; the first that knows the
mistake names it and shows the right form, and where none does, the plain "expected ..., found ..."
is what is left.
"""

from __future__ import annotations

from collections.abc import Callable

from resdsl.diagnostics import Diagnostic, Label, Span
from resdsl.syntax import expected
from resdsl.syntax.failure import Failure
from resdsl.syntax.habits import HABITS
from resdsl.syntax.hints import hint
from resdsl.syntax.lexemes import Lexeme

_BODIES = frozenset({"block", "model", "recipe", "residual", "shortcut", "for", "if", "else"})
_FOREIGN = {
    ":=": "a value is named with `let name = ...`, a layer with `name: conv(64)`",
    "->": "statements follow each other on lines of their own, or with `;` between them",
    "<>": "unequal is `!=`",
    "=>": "statements follow each other on lines of their own, or with `;` between them",
    "&&": "write `and`",
    "||": "write `or`",
    "!": "write `not`",
    "|": "there are no bit operations; for a choice, write `or`",
    "&": "there are no bit operations; for both, write `and`",
    "^": "a power is `**`",
    "~": "write `not`",
    "?": "a choice is `a if condition else b`",
    "@": "there are no decorators and no matrix product",
    "$": "names are letters, digits and `_`",
    "`": 'texts stand in `"`',
    "\\": "inside ( ) and [ ] a line may end anywhere",
    "/*": "a comment begins with `#`",
}
_OUTSIDE = frozenset({"import", "def", "block", "model", "recipe"})
_CHANGES = frozenset({"+=", "-=", "*=", "/=", "%="})


def explain(failure: Failure) -> Diagnostic:
    """The most helpful message about a statement that does not parse."""
    for recognise in _MISTAKES:
        diagnostic = recognise(failure)
        if diagnostic is not None:
            return diagnostic
    whole = failure.span(failure.tokens[0], failure.tokens[-1])
    return expected.unexpected(whole, failure.offset, failure.accepts, hint(failure))


# ---- words that are wrong anywhere ---------------------------------------------------------------


def _quotes(failure: Failure) -> Diagnostic | None:
    token = failure.token(failure.at)
    if token is None or token.kind != "quoted":
        return None
    inner = token.text.strip("'")
    return failure.say(
        "R0107",
        "texts stand in double quotes",
        token,
        "single quotes mean nothing here",
        f'write `"{expected.shown(inner)}"`' if inner else None,
    )


def _number(failure: Failure) -> Diagnostic | None:
    token = failure.token(failure.at)
    if token is None or token.kind != "number":
        return None
    written = token.text
    help: str | None = "digits are 0 to 9, with single `_` between them"
    digits = written.rstrip("xX")
    if written.startswith("."):
        help = f"write `0{written}`"
    elif written.endswith("."):
        help = f"write `{written}0`"
    elif digits != written and digits.isdigit():
        help = f"put a space between them: `{digits} x`"
    elif "__" in written or written.endswith("_"):
        help = f"write `{'_'.join(part for part in written.split('_') if part)}`"
    elif written.replace(".", "").replace("_", "").isdigit() and written.count(".") < 2:
        return None  # A good number in a bad place.
    message = f"`{expected.shown(written)}` is not a number of the language"
    return failure.say("R0110", message, token, "malformed number", help)


def _foreign_operator(failure: Failure) -> Diagnostic | None:
    token = failure.token(failure.at)
    if token is None:
        return None
    help = _FOREIGN.get(token.text)
    if token.text in _CHANGES:
        help = "nothing changes its value here: name the new one with `let`"
    elif token.text == "//" and (failure.at == 0 or failure.accepts & {"_NL", "$END"}):
        help = "a comment begins with `#`"
    if help is None:
        return None
    message = f"`{token.text}` is not an operator of the language"
    if token.text in "`@$?\\/*//":
        message = f"`{token.text}` means nothing here"
    return failure.say("R0123", message, token, "not expected here", help)


def _reserved(failure: Failure) -> Diagnostic | None:
    """A reserved word where only a name can stand, or with the `:` or `=` of a name behind it."""
    token, before = failure.token(failure.at), failure.token(failure.at - 1)
    if token is not None and token.is_reserved:
        labels = failure.at == 0 and failure.text(1) in (":", "=")
        if labels or _only_a_name(failure.accepts):
            return _is_reserved(failure, token)
    if token is None or before is None or token.text not in (":", "="):
        return None
    heads = failure.at == 1 or failure.text(failure.at - 2) in ("(", ",")
    body_behind = before.text in _BODIES and failure.text(failure.at + 1) in ("", "{")
    if before.is_reserved and heads and not body_behind:
        return _is_reserved(failure, before)
    return None


def _only_a_name(accepts: frozenset[str]) -> bool:
    return "NAME" in accepts and "NUMBER" not in accepts and "RESIDUAL" not in accepts


def _is_reserved(failure: Failure, token: Lexeme) -> Diagnostic:
    return failure.say(
        "R0115",
        f"`{token.text}` is a reserved word",
        token,
        "a name is wanted here",
        f"call it `{token.text}_`, or by what it holds",
    )


# ---- statements that stand or begin wrongly ------------------------------------------------------


def _on_new_line(failure: Failure) -> Diagnostic | None:
    first = failure.tokens[0]
    if first.text not in ("else", "shortcut") or failure.at != 0:
        return None
    partner = "`if`" if first.text == "else" else "`residual`"
    return failure.say(
        "R0119",
        f"`{first.text}` stands on the line of the `}}` before it",
        first,
        "a line end has ended the statement",
        f"write `}} {first.text} ...` behind the body of the {partner}",
    )


def _bare_defaults(failure: Failure) -> Diagnostic | None:
    first, second = failure.tokens[0], failure.token(1)
    if first.text != "defaults" or failure.at != 0 or failure.start != "definition":
        return None
    message = "expected `{` or the name of a tradition behind `defaults`"
    help = "write `defaults { conv(bias = false) }`, or `defaults keras`"
    return failure.say("R0101", message, second or first, "not expected here", help)


def _elif(failure: Failure) -> Diagnostic | None:
    index = 0 if failure.text(0) == "elif" else failure.at
    token = failure.token(index)
    if token is None or token.text not in ("elif", "elseif", "elsif"):
        return None
    help = "write `} else if ... {` on the line of the brace"
    return failure.say("R0120", f"`{token.text}` is written `else if`", token, "not a word", help)


def _group_without_label(failure: Failure) -> Diagnostic | None:
    first = failure.tokens[0]
    if first.text != "{" or failure.at != 0 or failure.start != "statement":
        return None
    return failure.say(
        "R0121",
        "a group of statements needs a label",
        first,
        "nothing before this brace says what it is",
        "write `name: { ... }`, or put a join's body on the line of the join",
    )


def _labelled_keyword(failure: Failure) -> Diagnostic | None:
    token = failure.token(failure.at)
    if token is None or failure.text(failure.at - 1) != ":" or failure.start != "statement":
        return None
    if token.text not in ("residual", "stage", "for", "if", "from"):
        return None
    label = failure.joined(failure.at - 1)
    help = f"wrap it in a group: `{expected.shown(label)}: {{ {token.text} ... }}`"
    if token.text == "stage":
        help = f"the label follows the word: `stage {expected.shown(label)}: ...`"
    message = f"a label cannot stand before `{token.text}`"
    return failure.say("R0133", message, token, "has no label of its own", help)


def _equals_for_colon(failure: Failure) -> Diagnostic | None:
    token = failure.token(failure.at)
    if token is None or token.text != "=" or "COLON" not in failure.accepts or failure.at < 1:
        return None
    if failure.start != "statement" or failure.tokens[0].is_reserved:
        return None
    label, rest = expected.shown(failure.joined(failure.at)), failure.rest(failure.at + 1)
    called = failure.token(failure.at + 1)
    applied = failure.joined(len(failure.tokens)).removeprefix(f"{failure.joined(failure.at)}=")
    if called is not None and applied == f"{called.text}({label})":
        rest = expected.shown(called.text)  # `x = relu(x)`: the tensor is not handed on.
    help = f"a layer is `{label}: {rest}`"
    if failure.at == 1 and failure.tokens[0].kind == "word":
        help += f"; a value, `let {label} = {rest}`"
    message = "a label is followed by `:`, not `=`"
    return failure.say("R0116", message, token, "expected `:`", help)


def _missing_colon(failure: Failure) -> Diagnostic | None:
    token = failure.token(failure.at)
    if token is None or failure.start != "statement" or "COLON" not in failure.accepts:
        return None
    if token.kind != "word" or token.is_reserved or failure.tokens[0].is_reserved:
        return None
    label, word = expected.shown(failure.joined(failure.at)), expected.shown(token.text)
    rest = failure.rest(failure.at)
    help = f"a label: `{label}: {rest}`; two statements: `{label}; {rest}`"
    message = f"a `:` is missing between `{label}` and `{word}`"
    return failure.say("R0131", message, token, "expected `:` before this", hint(failure) or help)


def _definition_inside(failure: Failure) -> Diagnostic | None:
    first, second = failure.tokens[0], failure.token(1)
    if failure.start == "definition" or first.text not in _OUTSIDE or second is None:
        return None
    if second.kind not in ("word", "text") or second.start == first.end:
        return None
    return failure.say(
        "R0117",
        f"`{first.text}` cannot stand in a body",
        first,
        "definitions begin at the left margin",
        "is the `}` of the body above it missing?",
    )


def _comma(failure: Failure) -> Diagnostic | None:
    token = failure.token(failure.at)
    if token is None or token.text != "," or not failure.accepts & {"_NL", "$END"}:
        return None
    help = "end the line, or put a `;` between them"
    return failure.say(
        "R0125", "statements are not separated by `,`", token, "not expected here", help
    )


def _stage_without_x(failure: Failure) -> Diagnostic | None:
    if failure.text(0) != "stage" or "X" not in failure.accepts:
        return None
    help = "write `stage layer1: 3 x basic(64)`: how many, `x`, and the block"
    message = "a stage says how many blocks with `x`"
    token = failure.token(failure.at)
    if token is not None:
        return failure.say("R0124", message, token, "expected `x` before this", help)
    last = failure.tokens[-1].end
    where = Label(Span(failure.source, last, last), "expected `x` and a block")
    return Diagnostic("R0124", message, where, help=help)


def _colon_for_brace(failure: Failure) -> Diagnostic | None:
    token = failure.token(failure.at)
    first = failure.text(0)
    if token is None or token.text not in (":", "{"):
        return None
    if first == "def" and "EQUAL" in failure.accepts:
        help = "write `def double(v) = 2 * v`; a body of layers is a `block`"
        message = "a `def` is one expression behind `=`"
        return failure.say("R0128", message, token, "expected `=`", help)
    if token.text != ":" or first not in _BODIES:
        return None
    message = "a body stands in braces"
    return failure.say("R0128", message, token, "expected `{`", "write `{ ... }`, without a `:`")


def _single_equals(failure: Failure) -> Diagnostic | None:
    token = failure.token(failure.at)
    if token is None or token.text != "=" or "COMPARE" not in failure.accepts:
        return None
    return failure.say("R0134", "equality is written `==`", token, "expected `==`")


_MISTAKES: tuple[Callable[[Failure], Diagnostic | None], ...] = (
    _quotes,
    _number,
    _foreign_operator,
    _definition_inside,
    _on_new_line,
    _bare_defaults,
    _elif,
    _labelled_keyword,
    *HABITS,
    _reserved,
    _group_without_label,
    _equals_for_colon,
    _colon_for_brace,
    _stage_without_x,
    _missing_colon,
    _comma,
    _single_equals,
)
