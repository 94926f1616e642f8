"""The library that ships with the compiler: published counts, torchvision's names, and generated
code that makes what was elaborated, in every framework."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiled import graph_of
from constructed import check_constructor
from stubs import MODULES

from resdsl import ir, library
from resdsl.diagnostics import Source
from resdsl.passes.check import check
from resdsl.passes.resolve import resolve
from resdsl.syntax import parse
from resdsl.syntax.formatter import format_source

LIBRARY = Path(library.__path__[0])
STD = sorted((LIBRARY / "std").glob("*.res"))

#: Networks over the library, and how many parameters they were published with.
NETWORKS = {
    "resnet": """
model resnet18 = resnet(basic, [2, 2, 2, 2])
model resnet50_v1 = resnet(bottleneck(stride_in_1x1 = true), [3, 4, 6, 3])
model resnext50_32x4d = resnet(bottleneck(groups = 32, base = 4), [3, 4, 6, 3])
model wide_resnet50_2 = resnet(bottleneck(base = 128), [3, 4, 6, 3])
model pooled = resnet(bottleneck(skip = pooled_projection), [3, 4, 6, 3])
model preact18 = resnet(preact_basic, [2, 2, 2, 2])
model preact50 = resnet(preact_bottleneck, [3, 4, 6, 3], norm = batch_norm(eps = 1e-3))
expect resnet18.params == 11_689_512
expect resnet50_v1.params == 25_557_032
expect resnext50_32x4d.params == 25_028_904
expect wide_resnet50_2.params == 68_883_240
""",
    "densenet": """
model densenet121 = densenet([6, 12, 24, 16])
model densenet161 = densenet([6, 12, 36, 24], growth = 48)
model dropped = densenet([2, 2], unit = dense_layer(rate = 0.2, squeeze = 2))
expect densenet121.params == 7_978_856
expect densenet161.params == 28_681_000
""",
    "attention": """
import std.resnet
model seresnet50 = resnet(bottleneck(attention = se), [3, 4, 6, 3])
model eca18 = resnet(basic(attention = eca), [2, 2, 2, 2])
model eca5 = resnet(basic(attention = eca(kernel = 5)), [1, 1, 1, 1])
model ese18 = resnet(basic(attention = effective_se), [2, 2, 2, 2])
model hard = resnet(basic(attention = se(ratio = 4, gate = hard_sigmoid)), [1, 1, 1, 1])
expect seresnet50.params == 28_088_024
expect eca18.params == 11_689_512 + 2 * (3 + 5 + 5 + 5)
expect [eca_kernel(c) for c in [64, 128, 512, 2048]] == [3, 5, 5, 7]
""",
    "mobile": """
# expand, out, n, stride
let v2 = [
    [1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2],
    [6, 320, 1, 1],
]

model mobilenet_v2(classes = 1000) {
    input(3, 224, 224)
    features: {
        conv_norm_act(32, stride = 2, act = relu6)
        for t, c, n, s in v2 {
            for i in range(n) { inverted_residual(c, stride = s if i == 0 else 1, expand = t) }
        }
        conv_norm_act(1280, 1, act = relu6)
    }
    global_avg_pool
    classifier: { dropout(0.2); linear(classes) }
}

# kernel, hidden, out, squeeze, stride
let early = [
    [3, 16, 16, 0, 1], [3, 64, 24, 0, 2], [3, 72, 24, 0, 1], [5, 72, 40, 24, 2],
    [5, 120, 40, 32, 1], [5, 120, 40, 32, 1],
]
let late = [
    [3, 240, 80, 0, 2], [3, 200, 80, 0, 1], [3, 184, 80, 0, 1], [3, 184, 80, 0, 1],
    [3, 480, 112, 120, 1], [3, 672, 112, 168, 1], [5, 672, 160, 168, 2], [5, 960, 160, 240, 1],
    [5, 960, 160, 240, 1],
]
block norm = batch_norm(eps = 1e-3, momentum = 0.01)

model mobilenet_v3_large(classes = 1000) {
    input(3, 224, 224)
    features: {
        conv_norm_act(16, stride = 2, norm = norm, act = hard_swish)
        for k, h, c, q, s in early {
            mobile_v3(c, k, h, stride = s, squeeze = q, norm = norm, act = relu)
        }
        for k, h, c, q, s in late { mobile_v3(c, k, h, stride = s, squeeze = q, norm = norm) }
        conv_norm_act(960, 1, norm = norm, act = hard_swish)
    }
    global_avg_pool
    classifier: { linear(1280); hard_swish; dropout(0.2); linear(classes) }
}

# expand, kernel, stride, out, n
let b0 = [
    [1, 3, 1, 16, 1], [6, 3, 2, 24, 2], [6, 5, 2, 40, 2], [6, 3, 2, 80, 3], [6, 5, 1, 112, 3],
    [6, 5, 2, 192, 4], [6, 3, 1, 320, 1],
]

model efficientnet_b0(drop = 0.2, classes = 1000) {
    let counts = [row[4] for row in b0]
    input(3, 224, 224)
    features: {
        conv_norm_act(32, stride = 2, act = silu)
        for r in range(len(b0)) {
            let row = b0[r]
            stage row[4] x mbconv(
                row[3], row[1], stride = row[2], expand = row[0],
                drop = drop * (sum(counts[:r]) + index) / sum(counts),
            )
        }
        conv_norm_act(1280, 1, act = silu)
    }
    global_avg_pool
    classifier: { dropout(0.2); linear(classes) }
}

block norm_v2 = batch_norm(eps = 1e-3)

# Tan and Le 2021, Table 4; EfficientNetV2's gates squeeze to a quarter of what comes in, too.
model efficientnet_v2_s(classes = 1000) {
    input(3, 384, 384)
    features: {
        conv_norm_act(24, stride = 2, norm = norm_v2, act = silu)
        stage 2 x fused_mbconv(24, expand = 1, norm = norm_v2)
        stage 4 x fused_mbconv(48, stride = 2, norm = norm_v2)
        stage 4 x fused_mbconv(64, stride = 2, norm = norm_v2)
        stage 6 x mbconv(128, stride = 2, expand = 4, norm = norm_v2)
        stage 9 x mbconv(160, norm = norm_v2)
        stage 15 x mbconv(256, stride = 2, norm = norm_v2)
        conv_norm_act(1280, 1, norm = norm_v2, act = silu)
    }
    global_avg_pool
    classifier: { dropout(0.2); linear(classes) }
}

expect mobilenet_v2.params == 3_504_872
expect mobilenet_v3_large.params == 5_483_032
expect efficientnet_b0.params == 5_288_548
expect efficientnet_v2_s.params == 21_458_488
""",
    "regnet": """
model regnet_y_400mf = regnet(16, 48, 27.89, 2.09, group = 8, squeeze = 0.25)
model regnet_x_400mf = regnet(22, 24, 24.48, 2.54, group = 16)
model regnet_y_8gf = regnet(17, 192, 76.82, 2.19, group = 56, squeeze = 0.25)
expect regnet_y_400mf.params == 4_344_144
expect regnet_x_400mf.params == 5_495_976
expect regnet_y_8gf.params == 39_381_472
""",
}


def program_of(name: str) -> ir.Program:
    return resolve(parse(Source("net.res", f"import std.{name}\n{NETWORKS[name]}")))


def models_of(name: str) -> list[str]:
    return list(program_of(name).models)


@pytest.mark.parametrize("path", STD, ids=lambda path: path.stem)
def test_every_definition_is_explained(path: Path) -> None:
    checked = check(str(path))
    assert checked.diagnostics == [] and checked.program is not None
    names = checked.program.names
    blocks = [
        *names.blocks.values(),
        *(b.target for b in [g.entry for g in checked.graphs.values()]),
    ]
    assert all(block.doc for block in blocks)


def test_every_part_has_networks_here() -> None:
    assert {path.stem for path in STD} == {*NETWORKS, "recipes"}


@pytest.mark.parametrize("name", NETWORKS)
def test_published_counts(name: str, tmp_path: Path) -> None:
    path = tmp_path / "net.res"
    path.write_text(f"import std.{name}\n{NETWORKS[name]}")
    assert check(str(path)).diagnostics == []


@pytest.mark.parametrize("backend", MODULES)
@pytest.mark.parametrize(("name", "model"), [(n, m) for n in NETWORKS for m in models_of(n)])
def test_constructors_make_what_was_elaborated(name: str, model: str, backend: str) -> None:
    graph = graph_of(program_of(name), model)
    check_constructor(graph, graph, backend)


@pytest.mark.parametrize(
    ("name", "model", "weights"),
    [
        (
            "resnet",
            "resnet18",
            ["conv1.weight", "layer1.0.bn2.running_var", "layer2.0.downsample.1.bias", "fc.bias"],
        ),
        ("resnet", "resnext50_32x4d", ["layer4.2.conv3.weight", "layer1.0.downsample.0.weight"]),
        (
            "densenet",
            "densenet121",
            [
                "features.denseblock3.denselayer24.conv2.weight",
                "features.transition2.norm.running_mean",
                "features.norm5.weight",
                "classifier.weight",
            ],
        ),
        ("attention", "eca18", ["layer1.0.se.conv.weight"]),
        ("attention", "seresnet50", ["layer1.0.se.fc1.weight", "layer4.2.se.fc2.bias"]),
        (
            "mobile",
            "mobilenet_v2",
            [
                "features.0.0.weight",
                "features.1.conv.0.0.weight",
                "features.1.conv.2.running_var",
                "features.2.conv.1.1.bias",
                "features.18.1.weight",
                "classifier.1.bias",
            ],
        ),
        (
            "mobile",
            "mobilenet_v3_large",
            ["features.4.block.2.fc1.weight", "features.16.0.weight", "classifier.3.bias"],
        ),
        (
            "mobile",
            "efficientnet_b0",
            [
                "features.1.0.block.1.fc1.weight",
                "features.2.0.block.2.fc2.bias",
                "features.7.0.block.3.1.running_mean",
                "features.8.0.weight",
            ],
        ),
        ("mobile", "efficientnet_v2_s", ["features.1.1.block.0.0.weight", "classifier.1.weight"]),
        (
            "regnet",
            "regnet_y_400mf",
            [
                "stem.0.weight",
                "trunk_output.block1.block1-0.f.a.0.weight",
                "trunk_output.block2.block2-0.proj.1.running_var",
                "trunk_output.block4.block4-5.f.se.fc2.bias",
            ],
        ),
    ],
)
def test_names_are_torchvisions(name: str, model: str, weights: list[str]) -> None:
    assert {w.name for w in graph_of(program_of(name), model).weights} >= set(weights)


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.res")), ids=lambda path: path.stem)
def test_the_layout_is_the_canonical_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_source(Source(path.name, text)) == text
