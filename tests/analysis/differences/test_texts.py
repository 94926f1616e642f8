"""What makes no difference, and small differences that must be found."""

from collections.abc import Callable

import pytest

from resdsl.analysis.differences.report import Report

Compare = Callable[[str, str], Report]

NET = """\
block unit(width, stride = 1) {
    residual {
        conv1: conv(width, 3, stride = stride, bias = false); bn1: batch_norm; relu
        conv2: conv(width, 3)
    } shortcut down: projection
    relu
}
model net {
    input(3, 16, 16)
    pad(1)
    conv1: conv(8, 3); relu
    max_pool(2)
    stage layer1: 2 x unit(8)
    stage layer2: 2 x unit(16, stride = 2)
    dropout(0.5)
    global_avg_pool
    fc: linear(10)
}
"""


def changed(*edits: tuple[str, str]) -> str:
    text = NET
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# A comment.\n\n" + NET.replace("; ", "\n        "), id="comments and lines"),
        pytest.param(changed(("unit", "element")), id="a renamed block"),
        pytest.param(changed(("width", "channels"), ("net {", "other {")), id="renamed parameters"),
        pytest.param("model" + NET.split("model")[1] + NET.split("model")[0], id="definitions"),
        pytest.param(changed(("max_pool(2)", "max_pool([2, 2], stride = 2, pad = 0)")), id="pool"),
        pytest.param(changed(("conv(8, 3)", "conv(8, [3, 3], pad = [1, 1, 1, 1])")), id="padding"),
        pytest.param(changed(("bias = false", "bias = false, bias_init = ones")), id="no bias"),
        pytest.param(changed(("2 x unit(8)", "2 x unit(4 + 4)")), id="arithmetic"),
        pytest.param(
            changed(("block unit", "defaults { conv(bias = true) }\nblock unit")), id="defaults"
        ),
    ],
)
def test_no_difference_in_meaning(texts_compared: Compare, text: str) -> None:
    report = texts_compared(NET, text)
    assert report.changes == ()
    assert report.is_equal


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (("bn1: batch_norm", "bn1: batch_norm(eps = 1.001e-5)"), None),
        (("batch_norm;", "batch_norm(momentum = 0.01);"), None),
        (("conv(width, 3)", "conv(width, 3, bias = false)"), "bias removed from 4 convs: "),
        (
            ("conv1: conv(8, 3)", "conv1: conv(8, 3, bias = false)"),
            "bias removed from 1 conv: conv1",
        ),
        (("conv1: conv(8, 3)", "conv1: conv(8, 5)"), "kernel 3 -> 5 in 1 conv: conv1"),
        (("pad(1)", "pad([1, 1, 1, 2])"), "amount 1 -> [1, 1, 1, 2] in 1 pad: pad1"),
        (("dropout(0.5)", "dropout(0.2)"), "rate 0.5 -> 0.2 in 1 dropout: dropout1"),
        (("max_pool(2)", "avg_pool(2)"), "max_pool -> avg_pool in 1 place: max_pool1"),
        (("max_pool(2)", "max_pool(3, stride = 2)"), "kernel 2 -> 3 in 1 max pool: max_pool1"),
        (
            ("max_pool(2)", "max_pool(2, ceil = true)"),
            "ceil false -> true in 1 max pool: max_pool1",
        ),
        (("linear(10)", "linear(11)"), "out 10 -> 11 in 1 linear layer: fc"),
        (("linear(10)", "linear(10, init = normal(0.01))"), "init the default -> normal(0.01) in"),
        (("    dropout(0.5)\n", ""), "removed dropout1 (dropout)"),
        (("    dropout(0.5)\n", "    relu; dropout(0.5)\n"), "added relu2 (relu)"),
        (
            ("projection", "zero_pad"),
            "down: conv, batch_norm -> subsample, pad_channels in 1 place",
        ),
        (("2 x unit(8)", "5 x unit(8)"), "depth of layer1: 2 -> 5"),
    ],
)
def test_a_difference_is_found(
    texts_compared: Compare, edit: tuple[str, str], text: str | None
) -> None:
    report = texts_compared(NET, changed(edit))
    assert not report.is_equal
    assert any(change.text.startswith(text or "") for change in report.changes), report


def test_equal_changes_are_gathered(texts_compared: Compare) -> None:
    report = texts_compared(NET, changed(("batch_norm;", "batch_norm(eps = 1.001e-5);")))
    (change,) = report.changes
    assert change.text == (
        "eps 1e-05 -> 1.001e-05 in 4 batch norms: "
        "layer1.0.bn1, layer1.1.bn1, layer2.0.bn1, layer2.1.bn1"
    )


def test_an_inserted_norm_does_not_reconnect_anything(texts_compared: Compare) -> None:
    report = texts_compared(NET, changed(("conv1: conv(8, 3);", "conv1: conv(8, 3); batch_norm;")))
    assert [change.kind for change in report.changes] == ["added"]


def test_another_connection_is_a_difference(texts_compared: Compare) -> None:
    text = "model net {{ input(3, 8, 8)\n a: conv(3, 3)\n b: relu\n c: relu\n sub({}, {}) }}"
    report = texts_compared(text.format("c", "b"), text.format("b", "c"))
    (change,) = report.changes
    assert change.text == "sub1 reads c, b -> b, c"


def test_the_order_of_a_sum_is_none(texts_compared: Compare) -> None:
    text = "model net {{ input(3, 8, 8)\n a: conv(3, 3)\n b: relu\n c: relu\n add({}) }}"
    assert texts_compared(text.format("a, b, c"), text.format("c, a, b")).is_equal
    assert not texts_compared(text.format("a, b, c"), text.format("a, b, b")).is_equal


def test_one_operand_more_is_a_difference(texts_compared: Compare) -> None:
    text = "model net {{ input(3, 8, 8)\n a: conv(3, 3)\n b: relu\n add({}) }}"
    assert not texts_compared(text.format("a, b"), text.format("a, b, b")).is_equal


def test_renamed_labels_are_the_same_network_under_other_names(texts_compared: Compare) -> None:
    report = texts_compared(
        NET, changed(("layer1", "stage1"), ("layer2", "stage2"), ("fc", "head"))
    )
    assert report.changes == ()
    assert report.verdict == "the same network under other weight names"
    assert not report.is_equal
    assert [(a, b) for a, b, _ in report.renamed] == [
        ("layer1", "stage1"),
        ("layer2", "stage2"),
        ("fc", "head"),
    ]


def test_renamed_and_deeper_is_still_matched(texts_compared: Compare) -> None:
    report = texts_compared(NET, changed(("layer1", "stage1"), ("2 x unit(16", "3 x unit(16")))
    assert [change.text for change in report.changes] == ["depth of layer2: 2 -> 3"]
    assert [(a, b) for a, b, _ in report.renamed] == [("layer1", "stage1")]


def test_what_went_into_a_group_is_found_there(texts_compared: Compare) -> None:
    stem = "conv1: conv(8, 3); relu\n    max_pool(2)"
    report = texts_compared(NET, changed((stem, f"stem: {{ {stem} }}"), ("0.5", "0.4")))
    assert [change.text for change in report.changes] == ["rate 0.5 -> 0.4 in 1 dropout: dropout1"]
    assert [(a, b) for a, b, _ in report.renamed] == [("conv1", "stem.conv1")]


def test_another_input_is_a_difference(texts_compared: Compare) -> None:
    report = texts_compared(NET, changed(("input(3, 16, 16)", "input(3, 32, 32)")))
    assert report.changes == ()
    assert not report.is_equal
    assert "  inputs            3 x 16 x 16 -> 3 x 32 x 32" in str(report).splitlines()
