"""Residuals: every kind of shortcut, and what a shortcut knows of its branch."""

from collections.abc import Callable

import pytest

from resdsl.diagnostics import Diagnostic
from resdsl.ir.graph import Graph

Graphs = Callable[..., Graph]
Found = Callable[[str], list[Diagnostic]]
Refused = Callable[..., str]


def kinds(network: Graph) -> list[str]:
    return [node.op.name for node in network.nodes]


@pytest.mark.parametrize(
    ("shortcut", "expected"),
    [
        ("", ["conv", "add"]),
        ("shortcut identity", ["conv", "add"]),
        ("shortcut none", ["conv"]),
        ("shortcut { }", ["conv", "add"]),
        ("shortcut projection", ["conv", "add"]),
        ("shortcut zero_pad", ["conv", "add"]),
        ("shortcut full_projection", ["conv", "conv", "batch_norm", "add"]),
        ("shortcut projection(norm = identity)", ["conv", "add"]),
        ("shortcut full_projection(norm = identity)", ["conv", "conv", "add"]),
        ("shortcut relu", ["conv", "relu", "add"]),
        ("shortcut conv(3, 1)", ["conv", "conv", "add"]),
        ("shortcut label: { relu }", ["conv", "relu", "add"]),
        ("shortcut identity if 1 > 2 else none", ["conv"]),
        ("shortcut none if 1 > 2 else identity", ["conv", "add"]),
    ],
)
def test_kinds_where_shapes_agree(shortcut: str, expected: list[str], graph: Graphs) -> None:
    assert kinds(graph(f"===residual {{ conv(3, 3) }} {shortcut}")) == expected


@pytest.mark.parametrize(
    ("shortcut", "expected"),
    [
        ("shortcut none", ["conv"]),
        ("shortcut projection", ["conv", "conv", "batch_norm", "add"]),
        ("shortcut full_projection", ["conv", "conv", "batch_norm", "add"]),
        ("shortcut zero_pad", ["conv", "subsample", "pad_channels", "add"]),
        ("shortcut { conv(8, 1, stride = 2) }", ["conv", "conv", "add"]),
        ("shortcut { avg_pool(branch.stride); conv(8, 1) }", ["conv", "avg_pool", "conv", "add"]),
    ],
)
def test_kinds_where_shapes_differ(shortcut: str, expected: list[str], graph: Graphs) -> None:
    network = graph(f"===residual {{ conv(8, 3, stride = 2) }} {shortcut}")
    assert kinds(network) == expected
    assert network.output_types[0].shape == (8, 4, 4)


@pytest.mark.parametrize(
    "body",
    [
        "residual { conv(8, 3) }",
        "residual { conv(8, 3) } shortcut identity",
        "residual { conv(3, 3, stride = 2) }",
        "residual { conv(3, 3, pad = 0) } shortcut projection",
        "residual { global_avg_pool }",
        "residual { conv(8, 3) } shortcut { conv(4, 1) }",
        "conv(8, 3); residual { conv(4, 3) } shortcut relu",
    ],
)
def test_shapes_must_agree(body: str, refused: Refused) -> None:
    assert refused(f"==={body}") == "R0304"


def test_the_branch_comes_first_in_the_sum(graph: Graphs) -> None:
    branch, shortcut, add = graph("===residual { conv(3, 3) } shortcut { relu }").nodes
    assert add.inputs == (branch.output, shortcut.output)


def test_a_shortcut_reads_labels_of_its_branch(graph: Graphs) -> None:
    network = graph("""===residual {
    norm: batch_norm
    preact: relu
    conv(8, 3)
} shortcut s: {
    from preact
    conv(branch.channels, 1)
}""")
    _, preact, _, shortcut, _ = network.nodes
    assert shortcut.inputs == (preact.output,)
    assert [w.name for w in network.weights if "s." in w.name] == ["s.0.weight", "s.0.bias"]


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        ("conv(3, 3)", 1),
        ("conv(3, 3, stride = 2)", 2),
        ("conv(3, 3, stride = 2); max_pool(2)", 4),
        ("conv(3, 3, stride = 2); conv(3, 1); relu; batch_norm; max_pool(3, stride = 2)", 4),
        ("subsample(4); pad_channels(8)", 4),
        ("conv(3, 3, pad = 0)", 1),
        ("pad(1); lrn; dropout; softmax", 1),
        ("residual { conv(3, 3, stride = 2) } shortcut projection", 2),
        ("concat { conv(3, 3, stride = 2) } { max_pool(2) }", 2),
        ("mul { global_avg_pool(keep = true) }; conv(3, 3, stride = 2)", 2),
        ("stage 2 x conv(3, 3, stride = 2)", 2),
        ("for i in range(2) { conv(3, 3, stride = 2) }", 4),
        ("a: { conv(3, 3, stride = 2) }; conv(3, 3); from a", 2),
        ("from in", 1),
    ],
)
def test_the_stride_of_a_branch(branch: str, expected: int, graph: Graphs) -> None:
    text = f"===residual {{ {branch}; let n = 1 }} shortcut s: {{ conv(branch.stride, 1) }}"
    with pytest.raises(Exception) as caught:  # The shapes need not agree.
        graph(text + "; flatten")
    if getattr(caught.value, "diagnostics", [])[0].code == "R0304":
        shapes = str(caught.value.diagnostics[0].primary.text)  # type: ignore[attr-defined]
        assert shapes == f"but the shortcut brings {expected} x 8 x 8"


def test_a_stride_may_differ_down_and_across(graph: Graphs) -> None:
    text = "===residual { conv(8, 3, stride = [2, 1]) } shortcut projection"
    assert graph(text).output_types[0].shape == (8, 4, 8)


@pytest.mark.parametrize(
    "branch",
    [
        "global_avg_pool",
        "adaptive_avg_pool(4)",
        "flatten",
        "a: conv(8, 3, stride = 2); from in; conv(8, 3); concat { from a; pad([4, 0, 4, 0]) }",
    ],
)
def test_where_there_is_no_stride(branch: str, refused: Refused) -> None:
    assert refused(f"===residual {{ {branch} }} shortcut full_projection") == "R0306"


def test_a_gate_at_a_single_position_says_nothing_about_strides(graph: Graphs) -> None:
    """A projection does not depend on how large the input is."""
    text = """
block gated(width, stride) {
    residual {
        conv1: conv(width, 3, stride = stride)
        mul { global_avg_pool(keep = true); conv2: conv(width, 1) }
    } shortcut projection
}
model net { input(3, 2, 2); a: gated(8, 2); b: gated(8, 2) }
"""
    names = [w.name for w in graph(text).weights]
    assert names == [w.name for w in graph(text, input=(3, 64, 64)).weights]
    assert "b.shortcut.0.weight" in names


def test_reshapes_goes_by_strides_not_by_sizes(graph: Graphs) -> None:
    text = "===residual { conv(3, 3, stride = 2) } shortcut projection"
    assert "shortcut.0.weight" in [w.name for w in graph(text, input=(3, 1, 1)).weights]


def test_an_error_in_the_prelude_points_at_the_authors_line(found: Found) -> None:
    (error,) = found("===residual { global_avg_pool } shortcut s: projection")
    assert error.primary is not None
    assert error.primary.span.source.name == "net.res"
    assert error.primary.span.text == "projection"
    assert error.secondary[-1].span.source.name == "<prelude>"


def test_branch_is_for_shortcuts_alone(refused: Refused, found: Found) -> None:
    assert refused("block f { conv(branch.channels, 1) }\n===f") == "R0204"
    assert [d.code for d in found("===conv(branch.channels, 1)")] == ["R0204"]
    assert refused("===residual { relu } shortcut { conv(branch.width, 1) }") == "R0301"


@pytest.mark.parametrize("value", ["3", "[relu]", '"projection"', "in"])
def test_a_shortcut_is_a_block(value: str, refused: Refused) -> None:
    assert refused(f"===residual {{ relu }} shortcut {value}") == "R0216"


def test_weightless_shortcuts_need_no_labels(graph: Graphs) -> None:
    graph("===for i in range(3) { residual { relu } shortcut zero_pad }")
    graph("===for i in range(3) { residual { relu } shortcut { relu } }")


def test_whether_shortcuts_need_labels_does_not_depend_on_strides(refused: Refused) -> None:
    text = "===for i in range(2) { residual { relu } shortcut projection }"
    assert refused(text) == "R0210"
