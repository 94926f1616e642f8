"""Writes a file's lines down again: indented by four spaces, up to 100 characters wide.

Statements that share a line keep sharing it, and a body on one line stays on it, as long as they
fit; else the first statement has a line of its own. Of blank lines one is kept, none behind a `{`
or before a `}`; a definition of several lines has one on either side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.syntax.formatter.brackets import STEP, WIDTH, Brackets, fits
from resdsl.syntax.formatter.cells import cells_of
from resdsl.syntax.formatter.columns import Cells, align
from resdsl.syntax.formatter.flat import flat, flat_body, is_flat, is_flat_statement
from resdsl.syntax.formatter.nodes import Body, Element, Line, Remark, Statement, Word


def lay_out(file: Body) -> list[str]:
    """The lines of a file."""
    written = _Layout().entries(file, 0)
    return [line for blank, lines in _spread(written) for line in ["", *lines][not blank :]]


class _Written:
    """An entry as lines; `cells` where it is one line that may have columns."""

    def __init__(self, lines: list[str], blank: bool, kind: str, cells: Cells | None = None):
        self.lines = lines
        self.blank = blank
        self.kind = kind
        self.cells = cells


class _Layout:
    def __init__(self) -> None:
        self._brackets = Brackets()

    # ---- bodies ------------------------------------------------------------------------------

    def entries(self, body: Body, indent: int) -> list[_Written]:
        written: list[_Written] = []
        for entry in body.entries:
            if isinstance(entry, Remark):
                line = " " * indent + entry.text
                written.append(_Written([line], entry.blank_above, "remark"))
            else:
                written += self._line(entry, indent)
        if written:
            written[0].blank = False
        for run in _runs(written):
            cells = [one.cells for one in run if one.cells is not None]
            align(cells, WIDTH)
            for one, aligned in zip(run, cells, strict=True):
                one.lines = [aligned.written()]
        return written

    def _body(self, body: Body, indent: int) -> list[str]:
        lines: list[str] = []
        for one in self.entries(body, indent):
            lines += [""] * one.blank + one.lines
        return lines

    def _line(self, line: Line, indent: int) -> Iterator[_Written]:
        """What shares a line; where that does not fit, the first statement and then the others."""
        statements = line.statements
        room = WIDTH - indent
        for number, width in enumerate(_widths(statements)):
            together = width <= room
            part = statements[number:] if together else statements[number : number + 1]
            is_last = together or number == len(statements) - 1
            comment = line.comment if is_last else ""
            blank = line.blank_above and number == 0
            if all(map(is_flat_statement, part)):
                cells = cells_of(Line(part, comment, line.comment_wide), indent)
                if cells.width() <= WIDTH:
                    yield _Written([cells.written()], blank, "line", cells)
                    if together:
                        return
                    continue
            lines = self._statement(part[0], indent)
            lines[-1] += f"  {comment}" if comment else ""
            yield _Written(lines, blank, "lines")

    # ---- statements --------------------------------------------------------------------------

    def _statement(self, statement: Statement, indent: int) -> list[str]:
        """A statement that does not fit on a line."""
        if statement.first == "def":
            return self._function(statement, indent)
        elements = statement.elements
        own = self._own_lines(elements, indent, expand=False)
        if not fits([line for line in own if isinstance(line, str)]):
            own = self._own_lines(elements, indent, expand=True)
        lines: list[str] = []
        for line in own:
            lines += [line] if isinstance(line, str) else self._body(line, indent + STEP)
        return lines

    def _own_lines(
        self, elements: Sequence[Element], indent: int, expand: bool
    ) -> list[str | Body]:
        """The lines of a statement, with its bodies still to be laid out where they come.

        A body opens on the line of what stands before it; `expand` puts all on lines of their own.
        """
        margin = " " * indent
        lines: list[str | Body] = []
        line = margin
        for piece in _pieces(elements):
            space = "" if line == margin else " "
            if isinstance(piece, Body):
                if is_flat(piece) and not (expand and piece.entries):
                    line += space + flat_body(piece)
                    continue
                head = f"  {piece.head}" if piece.head else ""
                lines += [f"{line}{space}{{{head}", piece]
                line = margin + "}"
            else:
                reserve = 0 if piece[-1] is elements[-1] else 2
                column = len(line) + len(space)
                first, *rest = self._brackets.sequence(piece, indent, column, reserve)
                *before, line = [line + space + first, *rest]
                lines += before
        return [*lines, line]

    def _function(self, statement: Statement, indent: int) -> list[str]:
        """`def f(v) =`, and its expression on the next line."""
        elements = statement.elements
        cut = 1 + next(i for i, e in enumerate(elements) if isinstance(e, Word) and e.text == "=")
        deeper = indent + STEP
        head, *comments = statement.comments or [""]
        start = self._brackets.sequence(elements[:cut], indent, indent)
        start[0] = " " * indent + start[0]
        start[-1] += f"  {head}" if head else ""
        value = self._brackets.sequence(elements[cut:], deeper, deeper)
        value[0] = " " * deeper + value[0]
        return [*start, *(" " * deeper + comment for comment in comments), *value]


def _pieces(elements: Sequence[Element]) -> Iterator[Body | list[Element]]:
    """Bodies, and what stands between them."""
    between: list[Element] = []
    for element in elements:
        if not isinstance(element, Body):
            between.append(element)
            continue
        if between:
            yield between
        between = []
        yield element
    if between:
        yield between


def _widths(statements: Sequence[Statement]) -> list[int]:
    """For each statement, the width of a line that begins with it and goes on with all others."""
    widths: list[int] = []
    behind = -2
    for statement in reversed(statements):
        own = len(flat(statement.elements)) if is_flat_statement(statement) else WIDTH + 1
        behind += 2 + own
        widths.append(behind)
    return widths[::-1]


def _runs(written: Sequence[_Written]) -> Iterator[list[_Written]]:
    """Lines that follow each other without a blank line or anything else between them."""
    run: list[_Written] = []
    for one in written:
        if run and (one.blank or one.cells is None):
            yield run
            run = []
        if one.cells is not None:
            run.append(one)
    if run:
        yield run


def _spread(written: Sequence[_Written]) -> Iterator[tuple[bool, list[str]]]:
    """The entries of a file with blank lines around definitions of several lines."""
    open_above = False
    for number, one in enumerate(written):
        blank = one.blank
        if number and not blank and written[number - 1].kind != "remark":
            blank = open_above or _leads_to_lines(written[number:])
        open_above = one.kind == "lines"
        yield blank, one.lines


def _leads_to_lines(written: Sequence[_Written]) -> bool:
    """Whether comments here stand right above a definition of several lines."""
    for number, one in enumerate(written):
        if number and one.blank:
            return False
        if one.kind != "remark":
            return one.kind == "lines"
    return False
