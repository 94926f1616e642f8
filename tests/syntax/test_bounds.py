"""Bounds: what is just within them parses, and no text at all leads to a crash or a long wait."""

import random
import time

import pytest

from resdsl.diagnostics import CompileError, Source, render_all
from resdsl.syntax import parse, parse_expression

HUGE = 2_000_000


def codes(text: str) -> list[str]:
    try:
        parse(Source("a.res", text))
    except CompileError as failure:
        render_all(failure.diagnostics)
        return [diagnostic.code for diagnostic in failure.diagnostics]
    return []


@pytest.mark.parametrize(
    "text",
    [
        "let a = " + "(" * 64 + "1" + ")" * 64,
        "let a = " + "[" * 64 + "1" + "]" * 64,
        "let a = " + " + ".join(["1"] * 128),
        "let a = " + "not " * 127 + "true",
        "let a = sum([" + ", ".join(["1"] * 10_000) + "])",
        "let a = " + " and ".join(["true"] * 900),
        "block f {" + "g: {" * 63 + " relu " + "}" * 63 + "}",
        "block f(n) { if n { }" + " else if n { }" * 62 + " else { } }",
        'expect true, "' + "x" * 65_536 + '"',
        'block f { "' + "{a}" * 1000 + '": relu }',
    ],
)
def test_just_within(text: str) -> None:
    assert codes(text + "\n") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("let a = " + "(" * HUGE, "R0129"),
        ("let a = " + "(\n" * HUGE, "R0113"),
        ("block f " + "{\n" * HUGE, "R0113"),
        ("let a = [\n" + "1 +\n" * 500_000 + "1]", "R0114"),
        ("let a = " + "1+" * 5000 + "1", "R0129"),
        ('"' * HUGE, "R0129"),
        ("}\n" * 100_000, "R0104"),
        ("}\n" * HUGE, "R0101"),
        ("foo\n" * 200_000, "R0118"),
        ("block f {\n" + "let a\n" * 200_000 + "}", "R0103"),
        ("block f {\n" + "  conv(\n" * 200_000 + "}", "R0113"),
        ("# \0\n" * 100_000, "R0109"),
        ("let a = " + "9" * 5000, "R0111"),
        ("\n" * HUGE + "}", "R0104"),
        ("block f {\n  conv(" + "a; " * 30_000 + "a)\n}", "R0101"),
        ("block f {\n  conv(" + "1 +\n" * 30_000 + "\n}", "R0102"),
        ("block f {\n  conv(" + "\n" * 100_000 + "\n}", "R0102"),
        ("let a = " + "f(]" * 20_000, "R0104"),
    ],
    ids=range(18),
)
def test_far_over_fails_soon(text: str, code: str) -> None:
    start = time.perf_counter()
    found = codes(text)
    assert found[0] == code and len(found) <= 101
    assert time.perf_counter() - start < 20  # About a second; machines under load are slower.


def test_else_if_inside_else_if_counts_together() -> None:
    """Each alone is within the bound, but the tree would be as deep as their product."""
    text = "relu"
    for _ in range(30):
        text = "if n { } else if n { } else if n { } else { " + text + " }"
    assert codes(f"block f(n) {{ {text} }}\n") == ["R0113"]


def test_time_grows_with_length_only() -> None:
    unit = "block f{n}(width) {{\n" + "    conv(width, 3, stride = 1 + 2)\n" * 10 + "}}\n"

    def seconds(blocks: int) -> float:
        text = "".join(unit.format(n=n) for n in range(blocks))
        start = time.process_time()
        assert codes(text) == []
        return time.process_time() - start

    seconds(1)
    assert seconds(80) < 3 * 8 * max(seconds(10), 0.002)


def test_any_text_parses_or_is_an_error() -> None:
    words = [*"()[]{}\"'#;,:.=+-<é\t\\\r\0x1\n\n\n   ", "if", "else", "for", "in", "let", "def"]
    words += [
        "block ",
        "model ",
        "stage ",
        "residual ",
        "shortcut ",
        "from ",
        "3",
        "1.",
        "**",
        "f(",
        '"a{i}"',
    ]
    choose = random.Random(1)
    for _ in range(1500):
        text = "".join(choose.choices(words, k=choose.randrange(1, 40)))
        codes(text)
        try:
            parse_expression(Source("a.res", text))
        except CompileError as failure:
            assert failure.diagnostics
