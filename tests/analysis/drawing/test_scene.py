"""What a picture shows: which operations share a box, and which ways are arrows."""

from collections.abc import Callable

import pytest

from resdsl.analysis.drawing.scene import Scene

Make = Callable[..., Scene]


def texts(found: Scene) -> list[str]:
    return [box.text or box.sign for box in found.boxes]


def arrows(found: Scene, dotted: bool) -> list[tuple[int, int]]:
    return [(a.source, a.target) for a in found.arrows if a.is_dotted == dotted]


def test_a_layer_stands_for_its_norm_and_activation(scene: Make) -> None:
    assert texts(scene("resnet.res:resnet18"))[:6] == [
        *("3 x 224 x 224", "7x7 conv, 64, /2", "3x3 max pool, /2"),
        *("3x3 conv, 64", "3x3 conv, 64", "+"),
    ]


def test_a_plain_network_is_a_chain(scene: Make) -> None:
    found = scene("plain.res:plain34")
    assert len(found.boxes) == 1 + 1 + 1 + 32 + 1 + 1
    assert sorted(arrows(found, dotted=False)) == [(i, i + 1) for i in range(len(found.boxes) - 1)]


@pytest.mark.parametrize("model", ["resnet34", "resnet34_a"])
def test_a_shortcut_that_is_not_the_identity_is_a_dotted_arrow(scene: Make, model: str) -> None:
    found = scene(f"resnet.res:{model}")
    assert len(arrows(found, dotted=True)) == 3
    assert texts(found) == texts(scene("resnet.res:resnet34"))


def test_it_says_what_it_does(scene: Make) -> None:
    (first, *_) = (a.title for a in scene("resnet.res:resnet34").arrows if a.is_dotted)
    assert first == "layer2.0.downsample.0: 1x1 conv, 128, /2"


def test_option_c_is_dotted_everywhere(scene: Make) -> None:
    assert len(arrows(scene("resnet.res:resnet34_c"), dotted=True)) == 16


def test_a_lateral_connection_is_no_shortcut(scene: Make) -> None:
    for model, box, count in (("pyramid", "1x1 conv, 8", 2), ("ladder", "2x2 max pool, /2", 2)):
        found = scene(f"networks.res:{model}")
        assert arrows(found, dotted=True) == []
        assert texts(found).count(box) == count


def test_norms_before_a_convolution_share_its_box(scene: Make) -> None:
    found = scene("networks.res:preacts")
    assert not any("batch norm" in text for text in texts(found))
    assert len(arrows(found, dotted=True)) == 1


def test_what_ends_a_gate_is_named(scene: Make) -> None:
    assert "1x1 conv, 256, softmax" in texts(scene("networks.res:gates"))


def test_pools_of_the_size_that_is_there_and_views_get_no_box(scene: Make) -> None:
    assert texts(scene("vgg.res:vgg11"))[-4:] == [
        "2x2 max pool, /2",
        "fc 4096",
        "fc 4096",
        "fc 1000",
    ]


def test_a_block_is_a_box(scene: Make) -> None:
    assert texts(scene("resnet.res:resnet18", "block"))[3:7] == [
        *("layer1.0: basic(64)", "layer1.1: basic(64)"),
        *("layer2.0: basic(128), /2", "layer2.1: basic(128)"),
    ]


def test_a_gate_does_not_open_its_block(scene: Make) -> None:
    assert "layer1.0: se_bottleneck(64)" in texts(scene("networks.res:gates", "block"))


def test_a_stage_is_a_box(scene: Make) -> None:
    assert texts(scene("resnet.res:resnet50", "stage"))[3:] == [
        *("layer1: 3 x bottleneck(64)", "layer2: 4 x bottleneck(128), /2"),
        *("layer3: 6 x bottleneck(256), /2", "layer4: 3 x bottleneck(512), /2"),
        *("global avg pool", "fc 1000"),
    ]


def test_every_operation_is_a_box(scene: Make) -> None:
    found = texts(scene("resnet.res:resnet18", "none"))
    assert found[1:4] == ["7x7 conv, 64, /2", "batch norm", "relu"]
    assert found.count("1x1 conv, 128, /2") == 1
    assert found.count("relu") == 17
    assert found.count("+") == 8


def test_the_caption_quotes_the_network(scene: Make) -> None:
    caption = scene("resnet.res:resnet50").caption
    assert caption == "25.56 M parameters, 4.09 G multiply-adds"
