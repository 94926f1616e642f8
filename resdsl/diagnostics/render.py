"""Shows a diagnostic as text: the message, the lines of the file it is about, and what to do.

    error[R0304]: shortcut and branch have different shapes
      --> resnet.res:14:5
       |
    12 |         conv2: conv(128, 3, stride = 2)
       |                ------------------------ the branch leaves 128 x 28 x 28
    14 |     } shortcut identity
       |                ^^^^^^^^ but the shortcut brings 64 x 56 x 56
       = in `basic(128, stride = 2)`, called from `stage layer2` at resnet.res:31:21
     help: project it: `shortcut projection`

The command line prints it, and tests compare with it. Nothing that stands in a file can move the
cursor or the writing direction of a terminal: such characters are replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resdsl.diagnostics.diagnostic import Diagnostic, Label, Severity
from resdsl.diagnostics.excerpt import excerpt, safe
from resdsl.diagnostics.source import Source
from resdsl.records import dataclass

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_RED = "\x1b[1;31m"
_YELLOW = "\x1b[1;33m"
_BLUE = "\x1b[1;34m"
_GREEN = "\x1b[1;32m"

_ADJACENT = 2
"""Lines this far apart stand below each other without a `...` between them."""


def render(diagnostic: Diagnostic, color: bool = False) -> str:
    """The diagnostic in full, without a line end behind it."""
    return "\n".join(_Rendering(diagnostic, color).lines())


def render_all(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """Several diagnostics, an empty line between them."""
    return "\n\n".join(render(diagnostic, color) for diagnostic in diagnostics)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A label at its place: `line` is where its span begins."""

    label: Label
    primary: bool
    line: int

    @property
    def order(self) -> tuple[int, int]:
        return self.line, self.label.span.start


class _Rendering:
    def __init__(self, diagnostic: Diagnostic, color: bool) -> None:
        self.diagnostic = diagnostic
        self.color = color
        self.sources = _by_source(diagnostic)
        lines = [mark.line for marks in self.sources.values() for mark in marks]
        self.width = max(2, len(str(max(lines, default=0))))

    def lines(self) -> Iterator[str]:
        yield self._header()
        primary = self.diagnostic.primary
        for number, (source, marks) in enumerate(self.sources.items()):
            arrow = "-->" if number == 0 else ":::"
            at = primary if number == 0 and primary is not None else marks[0].label
            place = safe(str(at.span))
            yield f"{' ' * self.width}{self._paint(arrow, _BLUE)} {place}"
            yield self._gutter()
            yield from self._excerpts(source, marks)
        for note in self.diagnostic.notes:
            yield from self._remark(" " * (self.width + 1) + self._paint("=", _BLUE), 2, note)
        if self.diagnostic.help is not None:
            title = self._paint("help:", _GREEN)
            yield from self._remark(" " * (self.width - 1) + title, 4, self.diagnostic.help)

    def _header(self) -> str:
        diagnostic = self.diagnostic
        title = self._paint(f"{diagnostic.severity}[{diagnostic.code}]", self._severity_color())
        return f"{title}{self._paint(': ' + safe(diagnostic.message), _BOLD)}"

    def _excerpts(self, source: Source, marks: list[_Mark]) -> Iterator[str]:
        shown = None
        for mark in marks:
            text = source.line(mark.line)
            start = mark.label.span.start - source.line_starts[mark.line - 1]
            end = mark.label.span.end - source.line_starts[mark.line - 1]
            line = excerpt(text, start, end)
            if shown is not None and mark.line - shown[0] > _ADJACENT:
                yield self._paint("...", _BLUE)
            if shown != (mark.line, line.text):
                number = self._paint(f"{mark.line:>{self.width}} |", _BLUE)
                yield f"{number} {line.text}".rstrip()
            shown = (mark.line, line.text)
            sign = ("^" if mark.primary else "-") * line.width
            said = f"{sign} {safe(mark.label.text)}".rstrip()
            color = self._severity_color() if mark.primary else _BLUE
            yield f"{self._gutter()} {' ' * line.column}{self._paint(said, color)}"

    def _remark(self, title: str, indent: int, text: str) -> Iterator[str]:
        first, *rest = text.split("\n")
        yield f"{title} {safe(first)}"
        for line in rest:
            yield " " * (self.width + indent) + " " + safe(line)

    def _gutter(self) -> str:
        return " " * (self.width + 1) + self._paint("|", _BLUE)

    def _severity_color(self) -> str:
        return _RED if self.diagnostic.severity is Severity.ERROR else _YELLOW

    def _paint(self, text: str, color: str) -> str:
        return f"{color}{text}{_RESET}" if self.color else text


def _by_source(diagnostic: Diagnostic) -> dict[Source, list[_Mark]]:
    """The labels of each source in the order of its text, the primary label's source first."""
    found: dict[Source, list[_Mark]] = {}
    labels = [(label, False) for label in diagnostic.secondary]
    if diagnostic.primary is not None:
        labels.insert(0, (diagnostic.primary, True))
    for label, primary in labels:
        mark = _Mark(label, primary, label.span.line)
        found.setdefault(label.span.source, []).append(mark)
    for marks in found.values():
        marks.sort(key=lambda mark: mark.order)
    return found
