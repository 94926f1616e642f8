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

STD = sorted((Path(library.__path__[0]) / "std").glob("*.res"))

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
    assert {path.stem for path in STD} == set(NETWORKS)


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
    ],
)
def test_names_are_torchvisions(name: str, model: str, weights: list[str]) -> None:
    assert {w.name for w in graph_of(program_of(name), model).weights} >= set(weights)
