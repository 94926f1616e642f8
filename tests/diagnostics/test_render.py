"""Rendering: the exact underline, whatever the line is made of."""

import pytest

from resdsl.diagnostics import Diagnostic, Label, Severity, Source, Span, render, render_all

TEXT = "one\ntwo three\n\tfour\nfive six\n\n\nlast"
SOURCE = Source("a.res", TEXT)


def span(part: str, source: Source = SOURCE) -> Span:
    start = source.text.index(part)
    return Span(source, start, start + len(part))


def shown(diagnostic: Diagnostic) -> list[str]:
    return render(diagnostic).split("\n")


def underlined(text: str, part: str) -> list[str]:
    source = Source("a.res", text)
    return shown(Diagnostic("R0101", "m", Label(span(part, source), "here")))[3:]


def test_the_whole() -> None:
    diagnostic = Diagnostic(
        "R0304",
        "they differ",
        Label(span("three"), "this one"),
        (Label(span("one"), "that one"), Label(span("last"), "and this")),
        ("called from here\nand from there", "again"),
        "make them equal\nor leave them",
    )
    assert shown(diagnostic) == [
        "error[R0304]: they differ",
        "  --> a.res:2:5",
        "   |",
        " 1 | one",
        "   | --- that one",
        " 2 | two three",
        "   |     ^^^^^ this one",
        "...",
        " 7 | last",
        "   | ---- and this",
        "   = called from here",
        "     and from there",
        "   = again",
        " help: make them equal",
        "       or leave them",
    ]


def test_without_a_place() -> None:
    diagnostic = Diagnostic("R0701", "no such file", notes=("a",), help="b")
    expected = ["error[R0701]: no such file", "   = a", " help: b"]
    assert shown(diagnostic) == expected


def test_a_warning() -> None:
    diagnostic = Diagnostic("R0201", "unused", severity=Severity.WARNING)
    assert render(diagnostic) == "warning[R0201]: unused"


def test_two_labels_on_one_line() -> None:
    diagnostic = Diagnostic("R0101", "m", Label(span("six"), "b"), (Label(span("five"), "a"),))
    assert shown(diagnostic)[3:] == [" 4 | five six", "   | ---- a", "   |      ^^^ b"]


def test_another_file() -> None:
    other = Source("dir/b.res", "x = y\n")
    diagnostic = Diagnostic("R0201", "m", Label(span("two")), (Label(span("y", other), "first"),))
    assert shown(diagnostic) == [
        "error[R0201]: m",
        "  --> a.res:2:1",
        "   |",
        " 2 | two three",
        "   | ^^^",
        "  ::: dir/b.res:1:5",
        "   |",
        " 1 | x = y",
        "   |     - first",
    ]


@pytest.mark.parametrize(
    ("text", "part", "lines"),
    [
        ("\ta b", "b", [" 1 |     a b", "   |       ^ here"]),
        ("a\tb", "b", [" 1 | a    b", "   |      ^ here"]),
        ("# 幅 b", "b", [" 1 | # 幅 b", "   |      ^ here"]),
        ("# 幅 b", "幅", [" 1 | # 幅 b", "   |   ^^ here"]),
        ("e\u0301 b", "b", [" 1 | e\u0301 b", "   |   ^ here"]),
        ("a\x1b[2Jb", "b", [" 1 | a\ufffd[2Jb", "   |      ^ here"]),
        ("\u202ea", "a", [" 1 | \ufffda", "   |  ^ here"]),
        ("a {\n  b\n}", "{\n  b\n}", [" 1 | a {", "   |   ^ here"]),
        ("ab\r\nc", "b\r\nc", [" 1 | ab", "   |  ^ here"]),
        ("a", "", [" 1 | a", "   | ^ here"]),
        ("", "", [" 1 |", "   | ^ here"]),
    ],
)
def test_the_underline(text: str, part: str, lines: list[str]) -> None:
    assert underlined(text, part) == lines


def test_the_end_of_the_file() -> None:
    source = Source("a.res", "a\n")
    diagnostic = Diagnostic("R0101", "m", Label(Span(source, 2, 2), "here"))
    assert shown(diagnostic)[1:] == ["  --> a.res:2:1", "   |", " 2 |", "   | ^ here"]


def test_wide_line_numbers() -> None:
    source = Source("a.res", "\n" * 12_344 + "x")
    diagnostic = Diagnostic("R0101", "m", Label(span("x", source), "here"), help="h")
    expected = ["     --> a.res:12345:1", "      |", "12345 | x", "      | ^ here", "    help: h"]
    assert shown(diagnostic)[1:] == expected


@pytest.mark.parametrize("length", [200, 3000, 2_000_000])
def test_a_long_line_is_cut_around_the_span(length: int) -> None:
    text = "x" * length + " here " + "y" * length
    line, mark = underlined(text, "here")
    assert line.startswith(" 1 | ...xxx") and line.endswith("yyy...") and len(line) < 130
    assert line[mark.index("^") :].startswith("here ") and mark.strip("| ") == "^^^^ here"


def test_color_changes_nothing_else() -> None:
    diagnostic = Diagnostic(
        "R0304", "m", Label(span("three"), "a"), (Label(span("one"), "b"),), ("n",), "h"
    )
    colored = render(diagnostic, color=True)
    assert "\x1b[1;31merror[R0304]\x1b[0m" in colored
    plain = "".join(part.partition("m")[2] for part in ("m" + colored).split("\x1b["))
    assert plain == render(diagnostic)


def test_several() -> None:
    one = Diagnostic("R0701", "a")
    assert render_all([one, one]) == "error[R0701]: a\n\nerror[R0701]: a"
