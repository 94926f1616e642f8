"""Where a piece of text comes from: a source file, and a span of characters inside it."""

from __future__ import annotations

from bisect import bisect_right

from resdsl.records import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A `.res` text under the name it is reported by. Compared by identity.

    `path` is the file that it was read from, or that an editor holds it for: imports are relative
    to it. A text without one stands alone.
    """

    name: str
    text: str
    path: str | None = None
    line_starts: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = [0]
        starts.extend(i + 1 for i, character in enumerate(self.text) if character == "\n")
        object.__setattr__(self, "line_starts", starts)

    @property
    def library(self) -> str | None:
        """The part of the compiler's own library that this is, `std.resnet`, or `None`."""
        is_part = self.name == "<prelude>" or self.name.startswith("<std.")
        return self.name[1:-1] if is_part else None

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both counted from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its line ending."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, other.end)

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"
