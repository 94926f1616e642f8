"""Finds every independent error in a definition that does not parse.

The definition's outline is walked body by body, and each statement is parsed by itself with the
insides of its own bodies blanked out: a mistake in one statement hides nothing in the next.
"""

from __future__ import annotations

from resdsl.diagnostics import Diagnostic, Label, Source, Span
from resdsl.records import dataclass, replace
from resdsl.syntax import expected
from resdsl.syntax.failure import Failure
from resdsl.syntax.grammar import Grammar, Stuck
from resdsl.syntax.lexemes import lexemes
from resdsl.syntax.limits import ERRORS
from resdsl.syntax.mistakes import explain
from resdsl.syntax.outline import Block, Part, outline
from resdsl.syntax.strays import before_definition, behind_definition, brace_on_new_line
from resdsl.syntax.survey import Chunk


def recover(
    source: Source, chunk: Chunk, stuck: Stuck | None, grammar: Grammar
) -> list[Diagnostic]:
    """What is wrong with a chunk; `stuck` is where the parse of the whole stopped."""
    tokens = list(lexemes(source.text, chunk.start, chunk.end))
    root, found = outline(source, tokens)
    found = [_with_margin(diagnostic, chunk) for diagnostic in found]
    _Recovery(source, grammar, chunk, found).definition(root)
    if not found and stuck is not None and not chunk.flawed:
        # The outline is a heuristic; whatever it thinks, what did not parse is an error.
        found.append(first_error(source, chunk, stuck))
    return found


def first_error(source: Source, chunk: Chunk, stuck: Stuck) -> Diagnostic:
    """The plain message about where the parse of a whole chunk stopped."""
    whole = Span(source, chunk.start, chunk.end)
    return expected.unexpected(whole, stuck.offset, stuck.accepts)


def _with_margin(diagnostic: Diagnostic, chunk: Chunk) -> Diagnostic:
    """Says of an open brace that a statement at the left margin is what ended the body."""
    if diagnostic.code != "R0103" or diagnostic.primary is None:
        return diagnostic
    source = diagnostic.primary.span.source
    first = next(lexemes(source.text, chunk.end, len(source.text)), None)
    if first is None or first.text not in ("let", "defaults", "expect"):
        return diagnostic
    where = Span(source, first.start, first.end)
    label = Label(where, "at the left margin, this begins a definition")
    return replace(diagnostic, secondary=(label,))


def explain_expression(source: Source, stuck: Stuck) -> Diagnostic:
    """What is wrong with a text that should be one expression."""
    tokens = list(lexemes(source.text, 0, len(source.text)))
    found = outline(source, tokens)[1]
    if found:
        return found[0]
    words = [token for token in tokens if token.kind != "newline"]
    if not words:
        return expected.unexpected(Span(source, 0, 0), 0, stuck.accepts)
    return explain(Failure(source, words, stuck.offset, stuck.accepts, "expr"))


@dataclass(slots=True)
class _Recovery:
    source: Source
    grammar: Grammar
    chunk: Chunk
    found: list[Diagnostic]

    def definition(self, root: Block) -> None:
        """The definition itself, and what stands behind it in its chunk."""
        parts = [part for part in root.parts if part.tokens]
        if not parts:
            return
        first, *rest = parts
        if rest and first.first.text == "def" and first.tokens[-1].text == "=":
            first = Part(first.tokens + rest[0].tokens, rest[0].blocks, rest[0].broken)
            rest = rest[1:]
        misplaced = before_definition(self.source, first, self.chunk.indented)
        body = rest[0] if rest and rest[0].first.text == "{" else None
        if misplaced is not None:
            self.found.append(misplaced)
        elif body is not None:
            self.found.append(brace_on_new_line(self.source, first, body.first))
        else:
            self._parse(first, "definition")
        self._bodies(first)
        for part in rest[:1] if body is not None else []:
            self._bodies(part)
        strays = rest[1:] if body is not None else rest
        if strays and not self.found:
            self.found.append(behind_definition(self.source, strays[0]))

    def _bodies(self, part: Part) -> None:
        """The statements in a part's bodies, and in theirs."""
        pending = [(block, _start_of(part, block)) for block in reversed(part.blocks)]
        while pending:
            block, start = pending.pop()
            inside = [inner for inner in block.parts if inner.tokens or inner.blocks]
            neighbours = zip([None, *inside], inside, [*inside[1:], None], strict=False)
            for before, inner, behind in neighbours:
                if len(self.found) > ERRORS:
                    return
                self._statement(before, inner, behind, start)
            for inner in reversed(inside):
                pending.extend(
                    (deeper, _start_of(inner, deeper)) for deeper in reversed(inner.blocks)
                )

    def _statement(self, before: Part | None, part: Part, behind: Part | None, start: str) -> None:
        if part.broken or not part.tokens:
            return
        if behind is not None and _detached(part, behind):
            return  # The brace below is what is reported.
        if before is not None and _detached(before, part):
            self.found.append(brace_on_new_line(self.source, before, part.first))
            return
        if not self._follows_from_a_brace(part):
            self._parse(part, start)

    def _follows_from_a_brace(self, part: Part) -> bool:
        """Whether a part begins with a word that lost its `}` to a mistake already reported."""
        if part.first.text not in ("else", "shortcut"):
            return False
        if any(diagnostic.code == "R0103" for diagnostic in self.found):
            return True
        return bool(self.found) and not part.first.leads

    def _parse(self, part: Part, start: str) -> None:
        if part.broken:
            return
        text, base = self._text(part), part.first.start
        _, stuck, wrong = self.grammar.parse(self.source, text, base, start)
        self.found.extend(wrong)
        if stuck is not None:
            failure = Failure(self.source, part.tokens, stuck.offset, stuck.accepts, start)
            self.found.append(explain(failure))
            if "LBRACE" in stuck.accepts:
                self._forgive_brace(part.tokens[-1].end)
            if failure.at and failure.text(failure.at) == "{":
                part.blocks.clear()  # No body of ours: what is in it would only confuse.

    def _forgive_brace(self, offset: int) -> None:
        """The `{` that is missing here explains the next `}` that seemed to close nothing."""
        for diagnostic in self.found:
            where = diagnostic.primary
            behind = where is not None and where.span.start > offset and where.span.text == "}"
            if behind and diagnostic.code == "R0104":
                self.found.remove(diagnostic)
                return

    def _text(self, part: Part) -> str:
        """The part's text with its bodies blanked out, so that offsets stay true."""
        at, end = part.first.start, part.tokens[-1].end
        pieces = []
        for block in part.blocks:
            if block.opener is not None and block.closer is not None:
                pieces.append(self.source.text[at : block.opener.end])
                pieces.append(" " * (block.closer.start - block.opener.end))
                at = block.closer.start
        pieces.append(self.source.text[at:end])
        return "".join(pieces)


def _start_of(part: Part, block: Block) -> str:
    """The rule that a body's statements follow: calls in `defaults`, any statement elsewhere."""
    return "call" if part.first.text == "defaults" and len(part.tokens) > 1 else "statement"


def _detached(before: Part, part: Part) -> bool:
    """Whether a part is the body, put on a line of its own, that the one before it wants."""
    if not before.tokens or not part.tokens or part.first.text != "{":
        return False
    words = {token.text for token in before.tokens[:3]}
    if words & {"add", "sub", "mul", "concat"}:
        return True
    wants = before.first.text in ("residual", "for", "if", "else", "elif", "shortcut")
    return (wants or before.tokens[-1].text == ":") and not before.blocks
