"""Reads the words of a text that parses into the formatter's nodes. No comment is lost."""

from __future__ import annotations

from resdsl.syntax.formatter.nodes import (
    Body,
    Element,
    Group,
    Item,
    Line,
    Remark,
    Statement,
    Word,
)
from resdsl.syntax.lexemes import RESERVED, Lexeme, lexemes

_ATOMS = frozenset({"true", "false", "none"})
_END = Lexeme("end", "", 0, 0, False)


def read(text: str) -> Body:
    """The lines of a file, as those of a body without braces."""
    reader = _Reader(text)
    file = Body(wide=False, inline=False)
    reader.entries(file)
    return file


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(lexemes(text, 0, len(text), comments=True))
        self._at = 0

    # ---- words -------------------------------------------------------------------------------

    def _peek(self) -> Lexeme:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _next(self) -> Lexeme:
        token = self._peek()
        self._at += 1
        return token

    def _is_wide(self, token: Lexeme, natural: int = 1) -> bool:
        """Whether more space than is usual stands before a word on its line."""
        before = self._tokens[self._at - 2].end if self._at > 1 else 0
        space = self._text[before : token.start]
        return not token.leads and (len(space) > natural or "\t" in space)

    # ---- lines -------------------------------------------------------------------------------

    def entries(self, body: Body) -> None:
        """The lines up to the `}` of a body, or to the end of the file."""
        line: Line | None = None
        fresh, blank = False, False
        while (token := self._next()).kind != "end" and token.text != "}":
            if token.kind == "newline":
                body.inline = False
                blank = blank or (fresh and bool(body.entries))
                fresh, line = True, None
            elif token.kind == "comment":
                body.inline = False
                self._comment(token, body, line, fresh, blank)
                fresh = blank = False
            elif token.text != ";":
                if line is None:
                    line = Line(blank_above=blank)
                    body.entries.append(line)
                    blank = False
                self._at -= 1
                line.statements.append(self._statement())
                fresh = False

    def _comment(
        self, token: Lexeme, body: Body, line: Line | None, fresh: bool, blank: bool
    ) -> None:
        text = without_space(token.text)
        if line is not None:
            line.comment, line.comment_wide = text, self._is_wide(token, 2)
        elif fresh or not self._in_body(body):
            body.entries.append(Remark(text, blank))
        else:
            body.head = text

    def _in_body(self, body: Body) -> bool:
        """Whether a comment that no line end comes before stands behind a `{`."""
        return self._at > 1 and not body.entries

    def _statement(self) -> Statement:
        statement = Statement()
        elements = statement.elements
        while True:
            token = self._peek()
            if statement.elements and statement.first == "def" and _is(elements[-1], "="):
                self._break_behind_equals(statement)
                token = self._peek()
            if token.kind in ("end", "newline", "comment") or token.text in (";", "}"):
                drop_empty_arguments(statement)
                return statement
            self._next()
            if token.text == "{":
                body = Body(self._is_wide(token))
                elements.append(body)
                self.entries(body)
            else:
                elements.append(self._element(token, elements))

    def _break_behind_equals(self, statement: Statement) -> None:
        while self._peek().kind in ("newline", "comment"):
            token = self._next()
            if token.kind == "comment":
                statement.comments.append(without_space(token.text))

    # ---- elements ----------------------------------------------------------------------------

    def _element(self, token: Lexeme, before: list[Element]) -> Element:
        """The word or the pair of brackets that begins with a word just taken."""
        operand = ends_operand(before)
        if token.opens:
            kinds = ("call", "parentheses") if token.text == "(" else ("index", "list")
            group = Group(kinds[0] if operand else kinds[1], self._is_wide(token))
            self._group(group)
            return group
        word = Word(token.kind, token.text, self._is_wide(token))
        if token.kind in ("number", "text"):
            word.ends = True
        elif token.kind == "word":
            word.ends = self._is_operand(token.text, before, operand)
        else:
            word.unary = token.text in ("+", "-") and not operand
        return word

    def _is_operand(self, text: str, before: list[Element], operand: bool) -> bool:
        if text == "in":
            negated = bool(before) and _is(before[-1], "not") and ends_operand(before[:-1][-1:])
            return not (operand or negated)
        if text == "x" and operand and _is(before[0], "stage"):
            return False
        return text not in RESERVED or text in _ATOMS

    def _group(self, group: Group) -> None:
        """All up to the bracket that closes this one."""
        item = Item()
        pending: list[str] = []
        newline = False
        while not (token := self._next()).closes:
            if token.kind == "newline":
                newline = True
            elif token.kind == "comment":
                comments = pending
                if item.elements:
                    comments = item.behind
                elif not newline and not pending:
                    comments = group.items[-1].behind if group.items else group.head
                comments.append(without_space(token.text))
            elif token.text == ",":
                item = Item()
            else:
                if not item.elements:
                    item.new_row, item.above, pending = newline, pending, []
                    group.items.append(item)
                newline = False
                item.elements.append(self._element(token, item.elements))
        group.below = pending


def without_space(comment: str) -> str:
    """A comment without what nobody sees at its end; other kinds of space may be in docs."""
    return comment.rstrip(" \t\r")


def ends_operand(elements: list[Element]) -> bool:
    """Whether the last of these ends an operand."""
    if not elements:
        return False
    last = elements[-1]
    return isinstance(last, Group) or (isinstance(last, Word) and last.ends)


def _is(element: Element, text: str) -> bool:
    return isinstance(element, Word) and element.text == text


def drop_empty_arguments(statement: Statement) -> None:
    """Leave out the `()` of a statement's call, or of a definition without parameters.

    In an expression they stay: there, `f` is a block and `f()` is a call.
    """
    elements = statement.elements
    last = next((i for i, e in enumerate(elements) if isinstance(e, Body)), len(elements)) - 1
    group = elements[last] if last > 0 else None
    if not isinstance(group, Group) or group.kind != "call" or group.items or group.has_comments:
        return
    start = last
    while start and isinstance(e := elements[start - 1], Word) and (e.ends or e.text == "."):
        start -= 1
    before = elements[start - 1] if start else None
    is_stage = statement.first == "stage" and before is not None and _is(before, "x")
    plain = statement.first not in RESERVED and (
        before is None or _is(before, ":") or _is(before, "=")
    )
    if is_stage or plain:
        del elements[last]
