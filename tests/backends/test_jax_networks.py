"""Whole networks in generated Flax NNX against generated PyTorch, with small inputs, in float64."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("flax")
pytest.importorskip("torch")

from compiled import example, graph_of, source_of
from jax_networks import Networks, assert_same, exact

from resdsl.ir.graph import Graph

ROOT = Path(__file__).resolve().parents[2]

VGG = """
block features(depths: list, norm) {
    for depth, width in zip(depths, [8, 16, 16]) {
        for _ in range(depth) { conv(width, 3); if norm { batch_norm }; relu }
        max_pool(2)
    }
}

model vgg(norm = true, classes = 10) {
    input(3, 32, 24)
    features: features([1, 1, 2], norm)
    adaptive_avg_pool(7)
    flatten
    classifier: { linear(32); relu; dropout(0.4); linear(classes) }
}
"""

ALEXNET = """
defaults { max_pool(stride = 2, pad = 0); lrn(alpha = 5e-4, k = 2) }

model alexnet(classes = 10) {
    input(3, 67, 67)
    conv1: conv(16, 11, stride = 4, pad = 0); relu; lrn(5); max_pool(3)
    conv2: conv(32, 5, groups = 2); relu; lrn(5); max_pool(3)
    conv3: conv(24, 3, groups = 2); relu
    flatten
    fc6: linear(48); relu; dropout(0.5)
    fc7: linear(classes)
}
"""

DENSENET = """
defaults { conv(bias = false) }

block dense_layer(growth) {
    norm1: batch_norm; relu; conv1: conv(4 * growth, 1)
    norm2: batch_norm; relu; conv2: conv(growth, 3)
    concat(in, conv2)
}

block transition { norm: batch_norm; relu; conv: conv(in.channels // 2, 1); pool: avg_pool(2) }

model densenet(depths = [2, 3, 2], growth = 6, classes = 10) {
    input(3, 33, 33)
    features: {
        conv0: conv(12, 7, stride = 2); norm0: batch_norm; relu; max_pool(3, stride = 2)
        for depth in depths {
            "denseblock{index + 1}": {
                for i in range(depth) { "denselayer{i + 1}": dense_layer(growth) }
            }
            if not last { "transition{index + 1}": transition }
        }
        norm5: batch_norm
    }
    relu
    global_avg_pool
    classifier: linear(classes)
}
"""

PREACTIVATION = """
defaults { conv(bias = false) }

block unit(width, stride = 1) {
    residual {
        norm1:  batch_norm
        preact: relu
        conv1:  conv(width // 2, 1)
        norm2:  batch_norm; relu
        conv2:  conv(width, 3, stride = stride)
    } shortcut downsample: {
        if branch.reshapes {
            from preact
            conv: conv(branch.channels, 1, stride = branch.stride)
        }
    }
}

model preactivation(classes = 10) {
    input(3, 24, 24)
    stem: conv(8, 3, stride = 2)
    for width, n in [[16, 2], [24, 1]] {
        stages[index]: { stage blocks: n x unit(width, stride = 2) }
    }
    norm: batch_norm; relu
    global_avg_pool(keep = true)
    head: { fc: conv(classes, 1, bias = true) }
    flatten
}
"""

NAMES = """
block unit(rngs, train = 2) {
    eval: conv(rngs, [3, 1], stride = train)
    sow: batch_norm
    class: relu
    pool: avg_pool([train, 1], stride = train, pad = [train // 2, 0, 0, 0], count_pad = false)
}

model named(nnx = 4, load = 2) {
    input(3, 24, 24)
    jax: unit(nnx)
    linear: { conv(nnx, [1, 3]); for i in range(load) { pad(i); subsample(i + 1) } }
    global_max_pool
    named_layers: linear(load)
}
"""

LISTS = """
model lists(n = 2) {
    input(3, 16, 16)
    for i in range(n) {
        down[i]: conv(4 * (i + 1), 3, stride = 2)
        for j in range(2) { residual { conv(4 * (i + 1), 3); batch_norm } }
    }
    for i in reversed(range(n)) { up[i]: conv(4 * (i + 1), 1) }
    global_avg_pool
}
"""


@pytest.fixture(autouse=True)
def _exact() -> Iterator[None]:
    with exact():
        yield


def shallow(model: str, *depths: int) -> Graph:
    """An example with fewer blocks."""
    file = "plain.res" if model.startswith("residual") else "resnet.res"
    return graph_of(example(file), model, (3, 33, 33), depths=depths, classes=10)


TEXTS = {
    "vgg": VGG,
    "alexnet": ALEXNET,
    "densenet": DENSENET,
    "preactivation": PREACTIVATION,
    "names": NAMES,
    "lists": LISTS,
}


@pytest.mark.parametrize("name", TEXTS)
def test_sketch(name: str) -> None:
    networks = Networks(graph_of(TEXTS[name]))
    assert_same(*networks.evaluation())


def test_resnet18() -> None:
    assert_same(*Networks(graph_of(example("resnet.res"), "resnet18", (3, 33, 33))).evaluation())


def test_bottlenecks() -> None:
    assert_same(*Networks(shallow("resnet50", 1, 2, 1, 1)).evaluation())


def test_option_a() -> None:
    assert_same(*Networks(shallow("residual34", 1, 2, 1, 1)).evaluation())


def test_training() -> None:
    graph = graph_of(example("resnet_cifar.res"), "resnet20", (3, 16, 16))
    assert_same(*Networks(graph).training(), tolerance=1e-11)


def test_other_arguments() -> None:
    graph = graph_of(VGG, norm=False, classes=3)
    networks = Networks(graph)
    assert_same(*networks.evaluation())
    assert "BatchNorm" in source_of(graph, "jax")


# ---- the text ------------------------------------------------------------------------------------


def models() -> list[tuple[str, Graph]]:
    """Every sketch, and one network of each example."""
    found = [(name, graph_of(text)) for name, text in TEXTS.items()]
    for file, model in (
        ("resnet.res", "resnet50"),
        ("plain.res", "residual18"),
        ("resnet_cifar.res", "resnet20"),
        ("vgg.res", "vgg16_bn"),
        ("alexnet.res", "alexnet"),
        ("alexnet.res", "alexnet_2012"),
    ):
        found.append((model, graph_of(example(file), model)))
    return found


def test_formatted(tmp_path: Path) -> None:
    for name, graph in models():
        (tmp_path / f"{name}.py").write_text(source_of(graph, "jax"))
    settings = ["--config", str(ROOT / "pyproject.toml")]
    for command in (["format", "--diff"], ["check"]):
        ruff = [sys.executable, "-m", "ruff", *command, *settings, str(tmp_path)]
        result = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout


def test_same_text_every_time() -> None:
    assert source_of(graph_of(VGG), "jax") == source_of(graph_of(VGG), "jax")


def test_same_classes_as_pytorch() -> None:
    for name, graph in models():
        assert structure(source_of(graph, "jax")) == structure(source_of(graph, "torch")), name


def structure(source: str) -> dict[str, list[str]]:
    """Attributes that hold layers or lists of them, by class, without the helpers' classes."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name not in {"BatchNorm", "OneKey", "Lambda"}:
            found[node.name] = [
                name.rstrip("_")
                for line in ast.walk(node)
                if isinstance(line, ast.Assign | ast.AnnAssign)
                for target in (line.targets if isinstance(line, ast.Assign) else [line.target])
                if (name := ast.unparse(target)).startswith("self.")
            ]
    return found


def test_depth_adds_no_lines() -> None:
    lines = [
        len(source_of(graph_of(example("resnet.res"), model), "jax").splitlines())
        for model in ("resnet50", "resnet152")
    ]
    assert lines[1] <= lines[0] + 10
