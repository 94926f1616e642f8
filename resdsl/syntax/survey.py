"""The first look at a file: its characters, its bounds, and where its definitions begin.

A linear pass with regular expressions, before any grammar. No word of the language spans two lines,
so what stands at the left margin can be told without reading what is before it: that is why a
forgotten bracket costs one definition at most.
"""

from __future__ import annotations

import re

from resdsl.diagnostics import Diagnostic, Label, Source, Span
from resdsl.records import dataclass, field
from resdsl.syntax.expected import shown
from resdsl.syntax.limits import ERRORS, LINE, NESTING, UNBROKEN
from resdsl.syntax.nesting import Nesting

_DEFINITION = r"(?:(?:let|def|expect)\b|(?:import|defaults|block|model|recipe)[ \t]+[A-Za-z_{\"])"
_MARGIN = re.compile(r"^\ufeff?" + _DEFINITION, re.MULTILINE)
_INDENTED = re.compile(r"[ \t]+" + _DEFINITION)
_NO_STATEMENT = re.compile(r"def\b|(?:import|block|model|recipe)[ \t]+[A-Za-z_\"]")
_HEADER = re.compile(
    r"(?:block|model|recipe)[ \t]+\w+[ \t]*(?:\([^{\n]*\)[ \t]*)?(?:#[^\n]*)?\r?\n"
)
_BLANK = re.compile(r"(?:[ \t\ufeff;\r\n]+|#[^\n]*)*")
_STRUCTURE = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*"?|#[^\n]*|[(){}\[\]]|\n+|[^\x00-\x7f]+')
# Control characters, the marks that turn the writing direction, and the separators that an editor
# shows as a line end and we do not.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
    "|\r(?!\n)"
)

_MEANT = {
    "\u00a0": " ",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u00d7": "*` or `x",
    "\u2018": '"',
    "\u2019": '"',
    "\u201c": '"',
    "\u201d": '"',
    "\u2026": "...",
    "\u2260": "!=",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2192": "->",
    "\uff08": "(",
    "\uff09": ")",
    "\uff0c": ",",
    "\uff1a": ":",
    "\uff1b": ";",
    "\uff1d": "=",
}


@dataclass(slots=True)
class Chunk:
    """A definition's stretch of the text, up to where the next one begins."""

    start: int
    end: int
    indented: bool = False
    braced: bool = False
    flawed: bool = False
    """Holds something no word of the language can be, already reported."""
    hopeless: bool = False
    """Over a bound, already reported: not to be parsed."""

    def is_surely_definition(self, text: str) -> bool:
        """Whether no statement of a body begins like this."""
        return _NO_STATEMENT.match(text, self.start) is not None


@dataclass(slots=True)
class Survey:
    """What the first look finds."""

    source: Source
    chunks: list[Chunk] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)

    def say(self, code: str, message: str, span: Span, label: str, help: str | None = None) -> None:
        self.found.append(Diagnostic(code, message, Label(span, label), help=help))


def survey(source: Source) -> Survey:
    """Cut a file into definitions, and report what can be told without a grammar."""
    result = Survey(source)
    text = source.text
    if _find_long_line(result):
        return result
    starts = [match.start() for match in _MARGIN.finditer(text)]
    starts = [0, *starts] if not starts or starts[0] else starts
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        _survey_segment(result, start, end)
        if len(result.found) > ERRORS:
            break
    _find_control_characters(result)
    return result


def _survey_segment(result: Survey, start: int, end: int) -> None:
    """Follow the brackets from one definition at the margin up to the next."""
    text = result.source.text
    chunk = _begin(result, start, end)
    nesting = Nesting()
    # Whether an indented `}` closed the outermost brace: it is likely the wrong one.
    closed_inside = False
    last = line = start
    for match in _STRUCTURE.finditer(text, start, end):
        at = match.start()
        if at - last > UNBROKEN and _unbroken(result, last, at):
            chunk.hopeless = True
            return
        last = match.end()
        character = text[at]
        if character == "\n":
            line = last
            if nesting.outside and last < end:
                chunk = _cut(result, chunk, last, closed_inside)
        elif character in "(){}[]":
            nesting.follow(text, at)
            chunk.braced |= character == "{"
            if character == "}":
                closed_inside = line < at <= line + UNBROKEN and text[line:at].isspace()
            if nesting.too_deep:
                _too_deep(result, at)
                chunk.hopeless = True
                return
        elif character != "#":
            chunk.flawed |= _check_word(result, match[0], at)
    chunk.hopeless = end - last > UNBROKEN and _unbroken(result, last, end)


def _begin(result: Survey, start: int, end: int, indented: bool = False) -> Chunk:
    """A chunk for what stands from here on, kept if there is more than space and comments."""
    blank = _BLANK.match(result.source.text, start, end)
    first = blank.end() if blank else start
    chunk = Chunk(first, end, indented)
    if first < end:
        if first > start and not indented:
            line = result.source.text.rfind("\n", 0, first) + 1
            chunk.indented = bool(_INDENTED.match(result.source.text, line, end))
        result.chunks.append(chunk)
    return chunk


def _cut(result: Survey, chunk: Chunk, at: int, closed_inside: bool) -> Chunk:
    """A new chunk if the line at `at`, outside of all brackets, looks like a definition's first."""
    text = result.source.text
    if at <= chunk.start:
        return chunk
    # Behind a header that forgot its `{` comes its body.
    bodiless = not chunk.braced and _HEADER.match(text, chunk.start, at)
    indented = not closed_inside and not bodiless and bool(_INDENTED.match(text, at, chunk.end))
    if not indented and text[at] in " \t\r\n#{)]}":
        return chunk
    end, chunk.end = chunk.end, at
    return _begin(result, at, end, indented)


def _check_word(result: Survey, word: str, at: int) -> bool:
    """Report a text without an end, or characters that stand only in texts and comments."""
    source = result.source
    if word[0] == '"':
        if len(word) > 1 and word[-1] == '"' and not _last_is_escaped(word):
            return False
        result.say(
            "R0105",
            "this text is never closed",
            Span(source, at, at + len(word.rstrip())),
            'expected `"` before the line ends',
            r'a text stands on one line; inside it, `"` is written `\"`',
        )
        return True
    if word == "\ufeff" and at == 0:
        return False
    if _CONTROL.match(word):
        return True  # Has a message of its own.
    meant = _MEANT.get(word[0])
    result.say(
        "R0108",
        f"`{shown(word)}` can stand in comments and texts only",
        Span(source, at, at + len(word)),
        "not a character of the language" if len(word) == 1 else "not characters of the language",
        f"write `{meant}`" if meant and meant.strip() else None,
    )
    return True


def _last_is_escaped(word: str) -> bool:
    """Whether the last `"` of a text belongs to it: an odd number of backslashes before it."""
    body = word[1:-1]
    return (len(body) - len(body.rstrip("\\"))) % 2 == 1


def _find_long_line(result: Survey) -> bool:
    """Whether a line is longer than any author's: a file of weights, say, or an attack."""
    starts = result.source.line_starts
    ends = [*starts[1:], len(result.source.text)]
    for start, end in zip(starts, ends, strict=True):
        if end - start > LINE:
            span = Span(result.source, start, start + 1)
            message = f"a line of more than {LINE // 1024} KiB"
            result.say("R0129", message, span, "it begins here", "break it at its commas")
            return True
    return False


def _unbroken(result: Survey, start: int, end: int) -> bool:
    """Whether one expression goes on and on: the parser's work is bounded by its brackets."""
    run = max(re.split("[,;]", result.source.text[start:end]), key=len)
    if len(run) <= UNBROKEN:
        return False
    span = Span(result.source, start, start + 1)
    message = f"more than {UNBROKEN} characters without a bracket, a comma or a line end"
    result.say("R0129", message, span, "from here on", "give parts of it a name with `let`")
    return True


def _too_deep(result: Survey, at: int) -> None:
    character = result.source.text[at]
    help = "is one of them never closed? If not, make a `block` or a `let` of what is inside"
    kind = "braces" if character == "{" else "brackets"
    if character == "}":
        kind, help = "`else if` and braces", "let a list hold what they choose from"
    result.say(
        "R0113",
        f"more than {NESTING} levels of {kind}",
        Span(result.source, at, at + 1),
        f"level {NESTING + 1} begins here",
        help,
    )


def _find_control_characters(result: Survey) -> None:
    source = result.source
    marked = []
    for match in _CONTROL.finditer(source.text):
        if len(result.found) > ERRORS:
            break
        at = match.start()
        marked.append(at)
        code_point = f"U+{ord(match[0]):04X}"
        kind = "turns the writing direction" if match[0] > "\x9f" else "is a control character"
        if "\u2028" <= match[0] <= "\u2029":
            kind = "ends a line in some editors only"
        if match[0] == "\r":
            kind = "is a carriage return without a line feed"
        result.say(
            "R0109",
            f"{code_point} has no place in a `.res` file",
            Span(source, at, at + 1),
            f"this character {kind}",
            "delete it" if match[0] != "\r" else "end lines with LF or CRLF",
        )
    if marked:
        _mark_flawed(result.chunks, marked)


def _mark_flawed(chunks: list[Chunk], offsets: list[int]) -> None:
    """Both lists are in the order of the text."""
    index = 0
    for offset in offsets:
        while index < len(chunks) and chunks[index].end <= offset:
            index += 1
        if index < len(chunks) and chunks[index].start <= offset:
            chunks[index].flawed = True
