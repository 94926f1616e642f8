"""The skeleton of a definition that does not parse: its statements, and the bodies inside them.

Made from words and brackets alone, so that every statement can then be tried by itself. Where
brackets do not match, the layout tells which one is missing: a line that cannot go on the one
before it ends a parenthesis, and a `}` further left than the line of its `{` ends that as well.
"""

from __future__ import annotations

from resdsl.diagnostics import Diagnostic, Label, Source, Span
from resdsl.records import dataclass, field
from resdsl.syntax.bracket_groups import group_at
from resdsl.syntax.lexemes import Lexeme
from resdsl.syntax.limits import ERRORS


@dataclass(slots=True)
class Part:
    """One statement (or a definition): its words without line ends, and its bodies in order."""

    tokens: list[Lexeme] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    broken: bool = False
    """Something in it has been reported already: not to be parsed."""

    @property
    def first(self) -> Lexeme:
        return self.tokens[0]


@dataclass(slots=True)
class Block:
    """`{ parts }`; `closer` is missing where the text has none."""

    opener: Lexeme | None
    closer: Lexeme | None = None
    parts: list[Part] = field(default_factory=list)
    ended: bool = True
    """Whether the next word begins a new part."""

    def part(self) -> Part:
        if self.ended:
            self.parts.append(Part())
            self.ended = False
        return self.parts[-1]

    def end_part(self) -> None:
        self.ended = True


def outline(source: Source, tokens: list[Lexeme]) -> tuple[Block, list[Diagnostic]]:
    """The statements of a stretch of text, and what is wrong with its brackets."""
    maker = _Outliner(source, tokens)
    maker.run()
    return maker.stack[0], maker.found


class _Outliner:
    def __init__(self, source: Source, tokens: list[Lexeme]) -> None:
        self.source = source
        self.tokens = tokens
        self.stack = [Block(None)]
        self.found: list[Diagnostic] = []
        opened = sum(token.text == "{" for token in tokens)
        closed = sum(token.text == "}" for token in tokens)
        self.missing = opened - closed
        # Where a word is unreadable, brackets may be hidden in it: what seems missing may not be.
        self.silent = any(token.kind in ("open_text", "foreign") for token in tokens)

    def run(self) -> None:
        index = 0
        while index < len(self.tokens) and len(self.found) <= ERRORS:
            index = self._step(index)
        if len(self.stack) > 1:
            self._report_open(self.stack[-1])
            while len(self.stack) > 1:
                self._pop(None)

    def _step(self, index: int) -> int:
        """Take in the word at `index`; returns where to go on."""
        token = self.tokens[index]
        block = self.stack[-1]
        if token.kind == "newline" or token.text == ";":
            block.end_part()
        elif token.opens:
            return self._take_group(index)
        elif token.closes:
            self._report_extra(token)
            block.part().broken = True
        elif token.text == "{":
            inner = Block(token)
            block.part().tokens.append(token)
            block.part().blocks.append(inner)
            self.stack.append(inner)
        elif token.text == "}":
            self._close(token)
        else:
            part = block.part()
            part.tokens.append(token)
            part.broken |= token.kind in ("open_text", "foreign")
        return index + 1

    def _take_group(self, index: int) -> int:
        """A parenthesis or bracket with all that is in it."""
        part = self.stack[-1].part()
        words = [token.text for token in part.tokens[:1]]
        in_header = len(self.stack) == 1 and words[:1] in (["block"], ["model"], ["recipe"])
        end, wrong = group_at(self.source, self.tokens, index, in_header)
        inside = self.tokens[index:end]
        part.tokens.extend(token for token in inside if token.kind != "newline")
        unreadable = any(token.kind in ("open_text", "foreign") for token in inside)
        part.broken |= unreadable or wrong is not None
        if wrong is not None and not unreadable:
            self.found.append(wrong)
        return end

    # ---- braces ------------------------------------------------------------------------------

    def _close(self, token: Lexeme) -> None:
        if self.missing > 0 and token.leads:
            self._close_forgotten(self._indent(token))
        if len(self.stack) == 1:
            self._report_extra(token)
            self.stack[0].part().broken = True
            return
        opener = self.stack[-1].opener
        deeper = opener is not None and self._indent(token) > self._indent(opener)
        if self.missing < 0 and token.leads and deeper:
            self._report_extra(token, "it is further right than what it would close")
            self.missing += 1
        else:
            self._pop(token)

    def _close_forgotten(self, indent: int) -> None:
        """Close the blocks whose own `}` is missing before one that stands further left."""
        while self.missing and len(self.stack) > 2:
            opener = self.stack[-1].opener
            if opener is None or self._indent(opener) <= indent:
                return
            self._report_open(self.stack[-1])
            self._pop(None)
            self.stack[-1].end_part()
            self.missing -= 1

    def _pop(self, closer: Lexeme | None) -> None:
        block = self.stack.pop()
        block.closer = closer
        outer = self.stack[-1]
        if closer is None:
            outer.parts[-1].broken = True
        else:
            outer.parts[-1].tokens.append(closer)
            outer.ended = False

    def _indent(self, token: Lexeme) -> int:
        line = self.source.text.rfind("\n", 0, token.start) + 1
        text = self.source.text[line : token.start + 1].expandtabs(4)
        return len(text) - len(text.lstrip())

    # ---- what is said about them -------------------------------------------------------------

    def _report_open(self, block: Block) -> None:
        opener = block.opener
        if self.silent or opener is None:
            return
        self.found.append(
            Diagnostic(
                "R0103",
                "this `{` is never closed",
                Label(Span(self.source, opener.start, opener.end), "expected a `}` for it"),
                help="close the body with a `}` below the line that opens it",
            )
        )

    def _report_extra(self, token: Lexeme, why: str = "nothing is open here") -> None:
        if self.silent or len(self.found) > ERRORS:
            return
        where = Label(Span(self.source, token.start, token.end), why)
        message = f"this `{token.text}` closes nothing"
        self.found.append(Diagnostic("R0104", message, where, help="delete it"))
