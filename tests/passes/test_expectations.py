"""`expect`, at the margin and in bodies."""

from collections.abc import Callable

import pytest

from resdsl.diagnostics import CompileError, Diagnostic, Source
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate import check_expectations, elaborate
from resdsl.passes.load import elaborate_with, settings_of
from resdsl.passes.resolve import resolve
from resdsl.syntax import parse

Found = Callable[[str], list[Diagnostic]]
Codes = Callable[[str], list[str]]

MODEL = "model net(width = 8) { input(3, 8, 8); conv(width, 3); global_avg_pool; linear(10) }\n"


@pytest.mark.parametrize(
    "condition",
    [
        "net.params == 314",
        "net.macs == 3 * 9 * 8 * 64 + 80",
        "net.input == [3, 8, 8]",
        "net.output == [10]",
        "net.weights == 4",
        "net.output[0] == len(range(10))",
        "round(net.params / 1e3, 1) == 0.3",
        "net.params < 1_000 and net.macs > 10",
        "small.params < net.params",
        "2 * size == 8",
        "max([m for m in [net.params, small.params]]) == net.params",
    ],
)
def test_what_holds(condition: str, codes: Codes) -> None:
    assert codes(f"{MODEL}model small = net(4)\nlet size = 4\nexpect {condition}") == []


@pytest.mark.parametrize(
    ("condition", "label"),
    [
        ("net.params == 313", "314 is not 313: 1 more"),
        ("net.params != 314", "314 is 314"),
        ("net.params < 300", "314 is not less than 300"),
        ("net.params >= 1_000_000", "314 is less than 1_000_000"),
        ("net.output == [3, 4]", "[10] is not [3, 4]"),
        ("net.params == 314 and net.output == [1]", "[10] is not [1]"),
        ("net.params in [1, 2]", "314 is not in [1, 2]"),
        ("not net.params == 314", ""),
        ("1 < 2 < 1", ""),
    ],
)
def test_what_does_not(condition: str, label: str, found: Found) -> None:
    (error,) = found(f'{MODEL}expect {condition}, "as published"')
    assert (error.code, error.message) == ("R0308", "as published")
    assert error.primary is not None and error.primary.text == label


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("net.params", "R0309"),
        ("net.layers == 3", "R0301"),
        ("net == 3", "R0227"),
        ("other.params == 3", "R0201"),
        ("net.params / 0 == 1", "R0307"),
        ("conv.params == 3", "R0301"),
        ("in.channels == 3", "R0204"),
    ],
)
def test_what_means_nothing(condition: str, code: str, codes: Codes) -> None:
    assert codes(f"{MODEL}expect {condition}") == [code]


def test_in_a_body_over_parameters(found: Found) -> None:
    text = """
model net(depth = 20) {
    expect (depth - 2) % 6 == 0, "6n + 2 layers"
    input(3, 8, 8)
    relu
}
model deeper = net(21)
"""
    (error,) = found(text)
    assert (error.code, error.message) == ("R0308", "6n + 2 layers")
    assert error.notes == ("in the model `deeper` at net.res:7:7",)


def test_a_model_that_fails_is_told_once(codes: Codes) -> None:
    assert codes("model net { input(3, 8, 8); add { conv(8, 3) } }\nexpect net.params == 3") == [
        "R0303"
    ]


def test_changed_models_need_not_meet_them() -> None:
    program = resolve(parse(Source("net.res", f"{MODEL}expect net.params == 314")))
    elaborate_with(program, "net")
    elaborate_with(program, "net", settings_of(program, ["width=4"]))


def test_only_those_of_one_model_can_be_checked() -> None:
    text = f"{MODEL}model small = net(4)\nexpect net.params == 314\nexpect small.params == 1"
    program = resolve(parse(Source("net.res", text)))

    def graph_of(name: str) -> Graph:
        return elaborate(program, name)

    check_expectations(program, graph_of, "net")
    with pytest.raises(CompileError):
        check_expectations(program, graph_of, "small")
