"""Source text as a document. Our own text only: one blank around every operator, none elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from resdsl.codegen.python.docs import Chain, Doc, Generator, Group, Keyword, Lambda, Postfix

_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=", "in", "not in", "is", "is not")
#: Operators, those that bind least first; to the formatter `and` and `or` are alike.
_STRENGTHS = (("if", "else"), ("or", "and"), _COMPARISONS, ("+", "-"), ("*", "/", "//", "%"))


def parsed(text: str) -> Doc:
    """An expression as what can be broken: chains of operators, calls and lists."""
    text = text.strip()
    if text.startswith("lambda "):
        head, _, body = text.partition(": ")
        return Lambda(head, parsed(body))
    words = _split(text, " ")
    for operators in _STRENGTHS:
        parts = _operands(words, operators)
        if len(parts) > 1:
            return Chain(tuple((operator, parsed(part)) for operator, part in parts))
    return _bracketed(text)


def _operands(words: Sequence[str], operators: Sequence[str]) -> list[tuple[str, str]]:
    """The text between operators of one strength, each behind its operator."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    position = 0
    while position < len(words):
        two = " ".join(words[position : position + 2])
        operator = two if two in operators else words[position]
        if operator in operators and parts[-1][1] and " ".join(parts[-1][1]) != "not":
            parts.append((operator, []))
        else:
            operator = words[position]
            parts[-1][1].append(operator)
        position += len(operator.split(" ")) if operator in operators else 1
    return [(operator, " ".join(part)) for operator, part in parts]


def _bracketed(text: str) -> Doc:
    """What ends in brackets, as groups of them; any other text as it is."""
    groups: list[Group | Generator] = []
    start = opening = 0
    for position, character, depth in _depths(text):
        if depth == 0 and character == "(":
            opening = position + 1
        elif depth == 0 and character == ")":
            groups.append(_group(text[start:opening], text[opening:position], ")"))
            start = position + 1
    rest = text[start:]
    if rest.endswith("]") and not groups:
        opening = [p for p, character, depth in _depths(text) if depth == 0 and character == "["][
            -1
        ]
        groups.append(_group(text[: opening + 1], text[opening + 1 : -1], "]"))
    elif rest or not groups:
        return text
    return Postfix(tuple(groups)) if len(groups) > 1 else groups[0]


def _group(opening: str, inside: str, closing: str) -> Group | Generator:
    words = _split(inside, " ")
    if "for" in words:
        clauses = [[words[0]]]
        for word in words[1:]:
            if word in ("for", "if") and "lambda" not in words:
                clauses.append([])
            clauses[-1].append(word)
        element, *rest = (" ".join(clause) for clause in clauses)
        return Generator(opening, parsed(element), tuple(rest), closing)
    if inside.startswith("lambda "):
        return Group(opening, (parsed(inside),), closing)
    items = [item.strip() for item in _split(inside, ",")]
    if items[-1] == "":  # the comma of a tuple of one, or no item at all
        return Group(f"{opening}{inside}", (), closing)
    return Group(opening, tuple(map(_item, items)), closing)


def _item(text: str) -> Doc:
    name, equals, value = text.partition("=")
    return Keyword(name, parsed(value)) if equals and name.isidentifier() else parsed(text)


# ---- scanning ------------------------------------------------------------------------------------


def _depths(text: str) -> Iterator[tuple[int, str, int]]:
    """Positions and characters outside texts, with the depth of brackets around each."""
    depth, quote, escaped = 0, "", False
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote and not escaped else quote
            escaped = character == "\\" and not escaped
            continue
        if character in "\"'":
            quote = character
            continue
        depth -= character in ")]}"
        yield position, character, depth
        depth += character in "([{"


def _split(text: str, separator: str) -> list[str]:
    """The pieces between separators outside brackets and texts."""
    cuts = [p for p, character, depth in _depths(text) if depth == 0 and character == separator]
    edges = [-1, *cuts, len(text)]
    return [text[a + 1 : b] for a, b in itertools.pairwise(edges)]
