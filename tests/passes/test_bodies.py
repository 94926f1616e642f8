"""What bodies do: stages, loops, joins, labels as tensors, calls with their arguments."""

from collections.abc import Callable
from typing import Any

import pytest

from resdsl.ir.graph import Graph

Graphs = Callable[..., Graph]
Codes = Callable[[str], list[str]]
Refused = Callable[..., str]
Output = Callable[..., tuple[int, ...]]


def attributes(network: Graph, kind: str, *names: str) -> list[tuple[Any, ...]]:
    ops = [node.op for node in network.nodes if node.op.name == kind]
    return [tuple(getattr(op, name) for name in names) for op in ops]


STRIDED = "block f(width, stride = 1) { conv(width, 3, stride = stride) }\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("===stage 3 x f(4, stride = 2)", [2, 1, 1]),
        ("===stage 3 x f(4, 2)", [2, 1, 1]),
        ("===stage 3 x f(4)", [1, 1, 1]),
        ("===stage 2 x f(4, stride = 2); stage 2 x f(4, stride = 2)", [2, 1, 2, 1]),
        # Given before: every block's.
        ("block g = f(stride = 2)\n===stage 2 x g(4)", [2, 2]),
        ("block g = f(stride = 2)\n===stage 2 x g(4, stride = 4)", [4, 1]),
        # Other arguments are worked out for each block, and know where it is.
        ("===stage 3 x f(4, stride = 1 if last else 2)", [2, 1, 1]),
        ("===stage 2 x conv(4, 3, stride = 2)", [2, 1]),
    ],
)
def test_the_stride_of_a_stage(text: str, expected: list[int], graph: Graphs) -> None:
    network = graph(STRIDED + text)
    assert [s for (s,) in attributes(network, "conv", "stride")] == expected


def test_arguments_of_a_stage_are_worked_out_for_each_block(graph: Graphs) -> None:
    text = "===stage 3 x conv(8 * (index + 1) + (100 if first else 0) + (50 if last else 0), 1)"
    assert attributes(graph(text), "conv", "out") == [(108,), (16,), (74,)]


def test_loops_know_where_they_are(graph: Graphs) -> None:
    text = """===for width, kernel in [[4, 1], [8, 3]] {
    for i in [10] { conv(width + index, kernel) }
    conv(width + index + (100 if first else 0) + (200 if last else 0), 1)
}"""
    found = attributes(graph(text), "conv", "out", "kernel")
    assert found == [(4, 1), (104, 1), (8, 3), (209, 1)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a: conv(8, 3); conv(8, 3); add(a)", (8, 8, 8)),
        ("a: conv(8, 3); concat(in)", (11, 8, 8)),
        ("a: conv(8, 3); concat(in, in)", (6, 8, 8)),
        ("concat { conv(8, 3) } { }", (11, 8, 8)),
        ("concat { conv(8, 3) }", (11, 8, 8)),
        ("a: conv(2, 3); concat(a) { conv(8, 3) }", (10, 8, 8)),
        ("mul { global_avg_pool(keep = true) }", (3, 8, 8)),
        ("mul { global_avg_pool }", (3, 8, 8)),
        ("sub { relu }", (3, 8, 8)),
        ("for i in range(3) { y[i]: conv(i + 1, 1) }; concat(y)", (6, 8, 8)),
        ("for i in range(3) { y[i]: conv(i + 1, 1) }; concat(y[1], y[-1])", (5, 8, 8)),
        ("for i in range(3) { y[i]: conv(i + 1, 1) }; concat(y[1:])", (5, 8, 8)),
        ("for i in range(3) { y[i]: conv(i + 1, 1) }; conv(len(y), 1)", (3, 8, 8)),
        ("for i in range(3) { y[i]: conv(2, 1) }; add([t for t in y])", (2, 8, 8)),
        ("for i in range(3) { y[i]: conv(2, 1) }; for t in reversed(y) { add(t) }", (2, 8, 8)),
        ("a: conv(8, 3); relu; from in; conv(a.channels, 1, stride = 2)", (8, 4, 4)),
        ("a: max_pool(2); conv(a.height * a.width, 1)", (16, 4, 4)),
        ("a: { b: relu; conv(in.channels + b.channels, 1) }", (6, 8, 8)),
        ("a: relu; b: { conv(8, 3); from a }", (3, 8, 8)),
        ("if in.height > 4 { max_pool(2) } else if in.height > 2 { relu } else { }", (3, 4, 4)),
        ("let n = 2; if 1 < 2 { let n = 3; conv(n, 1) }; conv(n + in.channels, 1)", (5, 8, 8)),
        ("if 1 < 2 { a: conv(8, 3) }; conv(4, 3); concat(a)", (12, 8, 8)),
        ("a: identity; conv(3, 3); add(a)", (3, 8, 8)),
    ],
)
def test_what_flows(body: str, expected: tuple[int, ...], output: Output) -> None:
    assert output(f"==={body}") == expected


def test_one_operand_joins_the_current_tensor_which_comes_first(graph: Graphs) -> None:
    network = graph("===a: conv(8, 3); b: conv(4, 3); concat(a); sub { relu }")
    a, b, concat, relu, sub = network.nodes
    assert concat.inputs == (b.output, a.output)
    assert sub.inputs == (concat.output, relu.output)


def test_several_operands_are_exactly_those(graph: Graphs) -> None:
    network = graph("===a: conv(8, 3); b: conv(4, 3); concat(a, b) { relu }")
    a, b, relu, concat = network.nodes
    assert concat.inputs == (a.output, b.output, relu.output)


def test_in_is_the_input_of_the_block(graph: Graphs) -> None:
    text = "block f { conv(8, 3); a: { relu; conv(in.channels, 3) } }\n===conv(4, 3); f"
    assert attributes(graph(text), "conv", "out") == [(4,), (8,), (4,)]


def test_output_names_the_result(graph: Graphs) -> None:
    network = graph("===a: conv(8, 3); b: conv(4, 3); output(a)")
    assert network.outputs == [network.nodes[0].output]
    assert graph("===conv(4, 3); output").output_types[0].shape == (4, 8, 8)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("add(3)", "R0301"),
        ("add([])", "R0301"),
        ("add(relu)", "R0301"),
        ("from 3", "R0301"),
        ("y[0]: relu; y[1]: relu; from y", "R0301"),
        ("y[0]: relu; add(y[1])", "R0307"),
        ("y[0]: relu; add(y[0.0])", "R0302"),
        ("a: relu; add(a[0])", "R0301"),
        ("conv(in.size, 3)", "R0301"),
        ("a: flatten; conv(a.height, 3)", "R0301"),
        ("if 1 > 2 { a: relu }; add(a)", "R0204"),
        ("for i in [] { a: relu }; add(a)", "R0204"),
        ("for i in 3 { relu }", "R0301"),
        ("for a, b in [[1, 2, 3]] { relu }", "R0301"),
        ("for a, b in [1] { relu }", "R0301"),
        ("if 1 { relu }", "R0309"),
        ("stage 0 x relu", "R0314"),
        ("stage -1 x relu", "R0314"),
        ("stage 1.0 x relu", "R0314"),
        ("stage 1 < 2 x relu", "R0314"),
        ("let f = 3; f", "R0216"),
        ("let f = none; f", "R0216"),
        ("max_pool(9, pad = 0)", "R0303"),
        ("conv(8, 3); add(in)", "R0303"),
        ("flatten; conv(8, 3)", "R0303"),
    ],
)
def test_what_does_not_flow(body: str, code: str, refused: Refused) -> None:
    assert refused(f"==={body}") == code


CALLED = "block f(a, b = 2, c = 3) { conv(a, 1); conv(b, 1); conv(c, 1) }\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("===f(1)", [1, 2, 3]),
        ("===f(1, 5)", [1, 5, 3]),
        ("===f(1, c = 5)", [1, 2, 5]),
        ("===f(c = 5, a = 4)", [4, 2, 5]),
        ("block g = f(b = 7)\n===g(1, 5)", [1, 7, 5]),
        ("block g = f(b = 7)\n===g(1, b = 8)", [1, 8, 3]),
        ("block g = f(1)\n===g(5)", [1, 5, 3]),
        ("block g = f(1)\n===g(a = 6)", [6, 2, 3]),
        ("block h(u: block) { u(4) }\n===h(f(b = 9))", [4, 9, 3]),
        ("block h(u: block) { let v = u(c = 8); v(4, 5) }\n===h(f)", [4, 5, 8]),
    ],
)
def test_arguments(text: str, expected: list[int], graph: Graphs) -> None:
    found = attributes(graph(CALLED + text), "conv", "out")
    assert [out for (out,) in found] == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("===f", "R0207"),
        ("===f(1, 2, 3, 4)", "R0209"),
        ("===f(1, a = 2)", "R0208"),
        ("===f(a = 1, a = 2)", "R0208"),
        ("===f(a = 1, 2)", "R0209"),
        ("===f(1, d = 2)", "R0206"),
        ("block g = f(1, 2, 3)\n===g(4)", "R0209"),
        ("block g = f(1, a = 2)\n===g", "R0208"),
        ("block h(u: block) { u(1, 2, 3, 4) }\n===h(f)", "R0209"),
        ("block h(u: block) { u(d = 4) }\n===h(f)", "R0206"),
        ("block h(u: block) { u }\n===h(f)", "R0207"),
    ],
)
def test_arguments_that_do_not_fit(text: str, code: str, codes: Codes) -> None:
    assert codes(CALLED + text) == [code]


def test_settings_override_parameters(graph: Graphs) -> None:
    text = """
model family(unit: block, width = 8) { input(3, 8, 8); conv(width, 3); unit }
model net = family(relu)
"""
    assert graph(text).output_types[0].shape == (8, 8, 8)
    assert graph(text, "net", "width=4").output_types[0].shape == (4, 8, 8)
    assert graph(text, "net", "unit=conv(2, 1)").output_types[0].shape == (2, 8, 8)
    assert graph(text, "family", "unit=relu", "width=2 * 3").output_types[0].shape == (6, 8, 8)


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("wdth=4", "R0212"),
        ("width=4.0", "R0302"),
        ('width="4"', "R0301"),
        ("width=n", "R0201"),
        ("unit=relu(3)", "R0209"),
        ("width=1//0", "R0307"),
    ],
)
def test_settings_that_cannot_be(setting: str, code: str, refused: Refused) -> None:
    text = "model net(width = 8, unit: block = relu) { input(3, 8, 8); conv(width, 3); unit }"
    assert refused(text, "net", setting) == code


def test_another_input(graph: Graphs) -> None:
    assert graph("===conv(8, 3)", input=(1, 5, 7)).output_types[0].shape == (8, 5, 7)
    assert graph("model net(n = 10) { input(n); linear(4) }").output_types[0].shape == (4,)


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        ("0, 8, 8", "R0316"),
        ("3, -8, 8", "R0316"),
        ("3, 8.0, 8", "R0316"),
        ("3, 8, 8, 8, 8", "R0316"),
        ("relu, 8, 8", "R0316"),
        ("3, 2 ** 31, 8", "R0312"),
        ("any, 8, 8", "R0316"),
        ("3, any(2 ** 31), 8", "R0312"),
        ("3, any(0), 8", "R0401"),
    ],
)
def test_inputs_that_cannot_be(shape: str, code: str, codes: Codes) -> None:
    assert codes(f"model net {{ input({shape}); flatten }}") == [code]
