"""The examples: what they come to, under which names, and that they stay short."""

import json
import re
from pathlib import Path

import pytest

from resdsl.ir.graph import Graph
from resdsl.passes.check import Checked, check
from resdsl.passes.load import load_graph

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.res"))
REFERENCE = json.loads((ROOT / "tests/data/torchvision_weights.json").read_text())

PARAMETERS = {
    "resnet.res": {
        "resnet18": 11_689_512,
        "resnet34": 21_797_672,
        "resnet50": 25_557_032,
        "resnet101": 44_549_160,
        "resnet152": 60_192_808,
        "resnet50_v1": 25_557_032,
        "resnet34_a": 21_623_848,
        "resnet34_b": 21_797_672,
    },
    "plain.res": {
        "plain18": 11_515_688,
        "plain34": 21_623_848,
        "residual18": 11_515_688,
        "residual34": 21_623_848,
    },
    "resnet_cifar.res": {
        "resnet20": 269_722,
        "resnet32": 464_154,
        "resnet44": 658_586,
        "resnet56": 853_018,
        "resnet110": 1_727_962,
        "resnet1202": 19_421_274,
        "plain20": 269_722,
        "resnet18": 11_173_962,
    },
    "vgg.res": {
        "vgg11": 132_863_336,
        "vgg13": 133_047_848,
        "vgg16": 138_357_544,
        "vgg19": 143_667_240,
        "vgg11_bn": 132_868_840,
        "vgg13_bn": 133_053_736,
        "vgg16_bn": 138_365_992,
        "vgg19_bn": 143_678_248,
    },
    "alexnet.res": {"alexnet": 61_100_840, "alexnet_2012": 60_965_224},
}
"""As published, or as torchvision has it."""

BILLIONS = {
    "resnet.res": {
        "resnet18": 1.814,
        "resnet34": 3.664,
        "resnet50": 4.089,
        "resnet101": 7.801,
        "resnet152": 11.514,
    },
    "vgg.res": {"vgg11": 7.609, "vgg13": 11.308, "vgg16": 15.47, "vgg19": 19.632},
    "alexnet.res": {"alexnet": 0.714},
}
"""Multiply-accumulates, as torchvision publishes them."""


@pytest.fixture(scope="module")
def checked() -> dict[str, Checked]:
    return {path.name: check(str(path)) for path in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_an_example_has_no_error_and_no_warning(path: Path, checked) -> None:
    assert checked[path.name].diagnostics == []
    assert checked[path.name].unfinished == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_an_example_stays_short(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 90
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_an_example_says_what_it_is(path: Path, checked) -> None:
    assert re.search(r"\b(19|20)\d\d\b", checked[path.name].program.doc + path.read_text()[:400])
    readme = (ROOT / "examples/README.md").read_text()
    assert f"]({path.name})" in readme


@pytest.mark.parametrize(
    ("file", "model", "count"),
    [(file, model, n) for file, counts in PARAMETERS.items() for model, n in counts.items()],
)
def test_parameters_are_the_published_ones(checked, file: str, model: str, count: int) -> None:
    assert checked[file].graphs[model].parameters == count


@pytest.mark.parametrize(
    ("file", "model", "billions"),
    [(file, model, n) for file, counts in BILLIONS.items() for model, n in counts.items()],
)
def test_macs_are_the_published_ones(checked, file: str, model: str, billions: float) -> None:
    assert round(checked[file].graphs[model].macs / 1e9, 3) == billions


@pytest.mark.parametrize("model", REFERENCE)
def test_weights_are_torchvisions(model: str) -> None:
    file = re.sub(r"\d.*", "", model)
    graph = load_graph(f"{ROOT}/examples/{file}.res:{model}")
    assert weights_of(graph) == expanded(REFERENCE[model])


def weights_of(graph: Graph) -> list[tuple[str, tuple[int, ...]]]:
    return [(w.name, w.weight.shape) for w in graph.weights]


def expanded(lines: list[str]) -> list[tuple[str, tuple[int, ...]]]:
    """`bn1 64` is a batch norm of 64 channels, `conv1.weight 64x3x7x7` one array."""
    found: list[tuple[str, tuple[int, ...]]] = []
    for line in lines:
        name, sizes = line.split()
        shape = tuple(map(int, sizes.split("x")))
        if name.endswith((".weight", ".bias")):
            found.append((name, shape))
            continue
        parts = ("weight", "bias", "running_mean", "running_var")
        found += [(f"{name}.{part}", shape) for part in parts]
    return found
