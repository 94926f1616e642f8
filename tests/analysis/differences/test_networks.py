"""Differences between networks of the papers, in the words of somebody who knows them."""

from collections.abc import Callable

import pytest

from resdsl.analysis.differences.report import Report

Compare = Callable[[str, str], Report]
FIRST = "layer2.0, layer3.0, layer4.0"


@pytest.mark.parametrize(
    ("one", "other", "texts"),
    [
        (
            "resnet.res:resnet50",
            "resnet.res:resnet50_v1",
            [f"stride 2 moved from conv2 to conv1 in 3 blocks: {FIRST}"],
        ),
        (
            "resnet.res:resnet18",
            "resnet.res:resnet34",
            [f"depth of layer{i}: 2 -> {depth}" for i, depth in enumerate([3, 4, 6, 3], 1)],
        ),
        ("resnet.res:resnet50", "resnet.res:resnet101", ["depth of layer3: 6 -> 23"]),
        (
            "plain.res:plain34",
            "resnet.res:resnet34",
            [
                "added add1 (add) in 16 places: layer1.0, layer1.1, ..., layer4.2",
                f"added downsample (conv, batch_norm) in 3 places: {FIRST}",
            ],
        ),
        (
            "resnet.res:resnet34_a",
            "resnet.res:resnet34_b",
            [f"downsample: subsample, pad_channels -> conv, batch_norm in 3 places: {FIRST}"],
        ),
        (
            "vgg.res:vgg16",
            "vgg.res:vgg16_bn",
            ["added 13 batch norms: features.1, features.4, ..., features.41"],
        ),
        (
            "resnet_cifar.res:resnet20",
            "resnet_cifar.res:plain20",
            [
                "removed add1 (add) in 9 places: layer1.0, layer1.1, ..., layer3.2",
                "removed downsample (subsample, pad_channels) in 2 places: layer2.0, layer3.0",
            ],
        ),
    ],
)
def test_the_changes(compared: Compare, one: str, other: str, texts: list[str]) -> None:
    report = compared(one, other)
    assert [change.text for change in report.changes] == texts
    assert not report.is_equal


def test_a_network_equals_itself(compared: Compare) -> None:
    report = compared("resnet.res:resnet34", "resnet.res:resnet34_b")
    assert report.is_equal
    assert report.verdict == "no difference in meaning"


def test_the_same_layers_in_another_order_of_stride_have_equal_shapes(compared: Compare) -> None:
    report = compared("resnet.res:resnet50", "resnet.res:resnet50_v1")
    assert report.shapes == ""
    assert report.renamed == ()
    assert str(report).splitlines()[-8:] == [
        "  inputs            3 x 224 x 224",
        "  outputs           1000",
        "  parameters        25,557,032",
        "  multiply-adds     4.09 G -> 3.86 G",
        "  parameter shapes  equal",
        "  weight names      equal",
        "",
        "1 difference in meaning",
    ]


def test_the_first_shape_that_differs(compared: Compare) -> None:
    report = compared("resnet.res:resnet34", "resnet.res:resnet50")
    assert report.shapes.startswith(
        "not equal: layer1.0.conv1.weight is 64 x 64 x 3 x 3 -> 64 x 64"
    )
    deeper = compared("resnet.res:resnet18", "resnet.res:resnet34")
    assert deeper.shapes == (
        "not equal: only resnet34 has layer1.2.conv1.weight (64 x 64 x 3 x 3) and 79 more"
    )


def test_numbers_in_a_sequence_move_on(compared: Compare) -> None:
    report = compared("vgg.res:vgg11", "vgg.res:vgg11_bn")
    assert ("features.3", "features.4", 2) in report.renamed


def test_as_json(compared: Compare) -> None:
    found = compared("resnet.res:resnet50", "resnet.res:resnet50_v1").to_json()
    assert found["equal"] is False
    (change,) = found["changes"]
    assert change == {
        "kind": "moved",
        "text": f"stride 2 moved from conv2 to conv1 in 3 blocks: {FIRST}",
        "places": ["layer2.0", "layer3.0", "layer4.0"],
        "attribute": "stride",
        "value": "2",
        "from": "conv2",
        "to": "conv1",
    }
    assert found["parameter_shapes_equal"] is True
