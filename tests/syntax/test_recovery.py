"""Recovery: a mistake is found where it is, once, and hides nothing in the next definition."""

import re

import pytest

from resdsl.diagnostics import CompileError, Diagnostic, Source
from resdsl.syntax import parse

NETWORK = """\
# A network to be damaged: the brackets of texts ("(") and comments do not count.
import "blocks.res"

defaults { conv(bias = false, init = he_normal(fan = "out")) }

let rows = [
    [1, 16],
    [6, 24],
]

def scaled(width, by) =
    [round(width * by / 8) * 8 for row in rows if row[0] > 1]

block unit(width, stride = 1, skip: block = projection) {
    let hidden = max(width, in.channels)
    residual {
        conv1: conv(hidden, 3, stride = stride); bn1: batch_norm; relu
        if stride > 1 {
            conv2: conv(width, (1 + 2))
        } else if stride == 1 { identity } else {
            conv2: conv(width, 1)
        }
    } shortcut downsample: {
        if branch.reshapes { conv(branch.channels, 1, stride = branch.stride) }
    }
    relu
}

model net(unit: block, depths: list, widths = [64, 128], classes = 10) {
    input(3, 32, 32)
    stem: { conv(widths[0], 7, stride = 2); relu }
    for i in range(len(depths)) {
        stage layers[i]: depths[i] x unit(widths[i], stride = 1 if i == 0 else 2)
        "block{i + 1}": add { relu } { conv(widths[i], 1) }
    }
    fc: linear(classes)
}

model small = net(unit(skip = zero_pad), [2, 2])
expect small.params == 1_000, "as (counted) by hand"
"""


def found(text: str) -> tuple[Diagnostic, ...]:
    try:
        parse(Source("a.res", text))
    except CompileError as failure:
        return failure.diagnostics
    return ()


def brackets() -> list[int]:
    code = re.sub(r'"[^"\n]*"|#[^\n]*', lambda match: "_" * len(match[0]), NETWORK)
    return [match.start() for match in re.finditer(r"[(){}\[\]]", code)]


def test_the_network_is_sound() -> None:
    assert found(NETWORK) == ()


@pytest.mark.parametrize("at", brackets())
def test_a_forgotten_bracket_costs_one_definition(at: int) -> None:
    begins = [match.start() for match in re.finditer(r"^[a-z]", NETWORK, re.MULTILINE)]
    first = max(start for start in begins if start <= at)
    last = min((start for start in begins if start > at), default=len(NETWORK)) - 1
    diagnostics = found(NETWORK[:at] + NETWORK[at + 1 :])
    assert 1 <= len(diagnostics) <= 2
    for diagnostic in diagnostics:
        assert diagnostic.primary is not None
        assert first <= diagnostic.primary.span.start < last


@pytest.mark.parametrize("at", brackets())
def test_a_forgotten_bracket_hides_no_other_definition(at: int) -> None:
    damaged = NETWORK[:at] + NETWORK[at + 1 :] + "\nblock last { relu relu }\n"
    codes = [diagnostic.code for diagnostic in found(damaged)]
    assert codes[-1] == "R0131" and len(codes) >= 2


def test_every_statement_is_tried() -> None:
    text = "block f {\n    conv1 = conv(64)\n    if a { x y; stage 3 f }\n    residual { 'a' } }\n"
    assert [diagnostic.code for diagnostic in found(text)] == ["R0116", "R0131", "R0124", "R0107"]


def test_errors_come_in_the_order_of_the_text() -> None:
    text = "let a = 1\x00\nblock f { x y }\nlet b = 'b'\n"
    starts = [d.primary.span.start for d in found(text) if d.primary is not None]
    assert starts == sorted(starts) and len(starts) == 3


def test_a_mistake_found_while_building_the_tree_is_told_once() -> None:
    text = "block f {\n    conv(bias = True)\n    x y\n}\n"
    assert [diagnostic.code for diagnostic in found(text)] == ["R0122", "R0131"]


def test_an_expression_that_is_too_deep_hides_nothing() -> None:
    text = "block f {\n    let a = " + " + ".join("1" * 200) + "\n    conv(bias = True)\n}\n"
    assert [diagnostic.code for diagnostic in found(text)] == ["R0114", "R0122"]


@pytest.mark.parametrize("separator", ["\n", "\r\n"])
def test_line_ends_make_no_difference(separator: str) -> None:
    text = "block f {\n    conv(3\n    relu\n}\nlet a\n".replace("\n", separator)
    diagnostics = found(text)
    assert [diagnostic.code for diagnostic in diagnostics] == ["R0102", "R0101"]
    spans = [diagnostic.primary.span for diagnostic in diagnostics if diagnostic.primary]
    assert [str(span) for span in spans] == ["a.res:2:11", "a.res:5:6"]
