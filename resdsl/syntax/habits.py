"""Recognises statements as other languages have them: `return x`, `conv 64, 3`, `a + b`.

The second half of `mistakes`, which tries these among its own.
"""

from __future__ import annotations

from collections.abc import Callable

from resdsl.diagnostics import Diagnostic
from resdsl.syntax.expected import shown
from resdsl.syntax.failure import Failure

_WORDS = {
    "return": "a body's result is what its last statement leaves",
    "yield": "a body's result is what its last statement leaves",
    "del": "a name lasts to the end of its body",
    "with": "there is nothing to enter; `name: { ... }` is a group of layers",
    "while": "a loop is `for i in range(3) { ... }`: how often is known beforehand",
    "repeat": "repeat a block with `stage layer1: 3 x basic(64)`, a body with `for`",
    "print": "`resdsl summary` shows a network layer by layer",
    "assert": 'write `expect condition, "message"`',
    "var": "a value is named with `let name = ...`",
    "const": "a value is named with `let name = ...`",
}
_JOINS = {"+": "add", "-": "sub", "*": "mul"}


def _foreign_word(failure: Failure) -> Diagnostic | None:
    first = failure.tokens[0]
    help = _WORDS.get(first.text)
    if help is None or failure.at != 1 or failure.text(1) in (":", "[", "(", ".", "{"):
        return None
    message = f"`{first.text}` is not a word of the language"
    return failure.say("R0135", message, first, "not expected here", help)


def _stage_with_arguments(failure: Failure) -> Diagnostic | None:
    """`stage(stride = 2) layer1: ...`, or `..., stride = 2` behind the call."""
    token = failure.token(failure.at)
    if failure.text(0) != "stage" or token is None:
        return None
    before_the_label = token.text == "=" and failure.text(1) == "("
    behind_the_call = token.text == "," and failure.text(failure.at + 2) == "="
    if not before_the_label and not behind_the_call:
        return None
    help = "write `stage layer2: 2 x basic(128, stride = 2)`: the first block has the stride"
    message = "a stage has no arguments of its own: its block has them"
    return failure.say("R0136", message, token, "not expected here", help)


def _arguments_without_parentheses(failure: Failure) -> Diagnostic | None:
    token, before = failure.token(failure.at), failure.token(failure.at - 1)
    if token is None or before is None or not _ends_a_call(failure):
        return None
    if token.kind not in ("number", "text") or token.start == before.end:
        return None
    message = "the arguments of a call stand in parentheses"
    help = f"write `{shown(before.text)}({failure.rest(failure.at)})`"
    return failure.say("R0137", message, token, "expected `(` before this", help)


def _operator_between_tensors(failure: Failure) -> Diagnostic | None:
    token, other = failure.token(failure.at), failure.token(failure.at + 1)
    join = _JOINS.get(token.text) if token is not None else None
    if token is None or join is None or not _ends_a_call(failure):
        return None
    both = f"{shown(failure.text(failure.at - 1))}, {shown(other.text) if other else '...'}"
    message = f"`{token.text}` is for numbers: tensors are joined by a call"
    return failure.say("R0138", message, token, "not expected here", f"write `{join}({both})`")


def _ends_a_call(failure: Failure) -> bool:
    """Whether what stands before is a name that could have been called."""
    before = failure.token(failure.at - 1)
    if failure.start != "statement" or before is None or failure.tokens[0].is_reserved:
        return False
    is_name = before.kind == "word" and not before.is_reserved
    return is_name and "LPAR" in failure.accepts and bool(failure.accepts & {"_NL", "$END"})


HABITS: tuple[Callable[[Failure], Diagnostic | None], ...] = (
    _foreign_word,
    _stage_with_arguments,
    _arguments_without_parentheses,
    _operator_between_tensors,
)
