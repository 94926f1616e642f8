"""Whole networks in generated Keras against the interpreter of their graphs, in float64."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("keras")
pytest.importorskip("tensorflow")
pytest.importorskip("torch")

from compiled import example, graph_of
from keras_networks import Networks, model_of, module_of, policy

VGG = """
block convolutions(depths: list, norm: bool) {
    for depth, width in zip(depths, [8, 16]) {
        for i in range(depth) { conv(width, 3); if norm { batch_norm }; relu }
        max_pool(2)
    }
}

model vgg(norm = true) {
    input(3, 20, 16)
    features: convolutions([1, 2], norm)
    adaptive_avg_pool(3)
    flatten
    classifier: { linear(32); relu; dropout(0.5); linear(10) }
}
"""

ALEXNET = """
model alexnet {
    defaults { max_pool(stride = 2, pad = 0); lrn(alpha = 5e-1, k = 2) }
    input(3, 67, 67)
    conv1: conv(12, 11, stride = 4, pad = 0); relu; lrn; max_pool(3)
    conv2: conv(16, 5, groups = 2); relu; lrn; max_pool(3)
    conv3: conv(24, 3); relu
    conv4: conv(16, 3, groups = 2); relu; max_pool(2)
    flatten
    fc6: linear(20); relu; dropout(0.5)
    fc7: linear(10)
}
"""

DENSENET = """
block layer(growth, rate) {
    concat {
        norm1: batch_norm; relu; conv1: conv(2 * growth, 1, bias = false)
        norm2: batch_norm; relu; conv2: conv(growth, 3, bias = false); drop: dropout(rate)
    }
}

block transition { norm: batch_norm; relu; conv: conv(in.channels // 2, 1); pool: avg_pool(2) }

model densenet(depths = [2, 3], growth = 6) {
    input(3, 16, 16)
    features: {
        conv0: conv(8, 3)
        for b in range(len(depths)) {
            "denseblock{b + 1}": {
                for i in range(depths[b]) { "denselayer{i + 1}": layer(growth, 0.2) }
            }
            if b < len(depths) - 1 { "transition{b + 1}": transition }
        }
        norm5: batch_norm
    }
    relu
    global_avg_pool
    classifier: linear(10)
}
"""

PREACTIVATION = """
block unit(out, stride = 1) {
    residual {
        norm1: batch_norm
        preact: relu
        conv1: conv(out // 2, 3, stride = stride, bias = false)
        norm2: batch_norm
        relu
        conv2: conv(out, 3, bias = false)
    } shortcut downsample: {
        if branch.reshapes { from preact; conv: conv(branch.channels, 1, stride = branch.stride) }
    }
}

model preactivation {
    input(3, 16, 16)
    stem: conv(8, 3)
    for out, n, stride in [[8, 2, 1], [16, 2, 2]] {
        stages[index]: { stage blocks: n x unit(out, stride = stride) }
    }
    norm: batch_norm; relu
    global_avg_pool(keep = true)
    head: conv(10, 1)
    flatten
}
"""

LISTS = """
model lists(n = 2) {
    input(3, 8, 8)
    stem: conv(6, 3)
    for s in range(n) {
        for i in range(2) { conv(6, 3); batch_norm; relu }
        residual { conv(6, 3) }
    }
    for i in reversed(range(3)) { up[i]: conv(4 + i, 3) }
    concat(up[0], up[2])
    global_avg_pool
    weights: linear(8); trainable: batch_norm; relu; _last: linear(5)
}
"""

PARAMETERS = """
block unit(width, k, d, s, p, n = 2, m = 0.3, plain = false, inside = true, rate = 0.25) {
    residual {
        a: conv(width, k, dilation = d, groups = n, bias = plain)
        b: batch_norm(momentum = m, eps = m / 10, affine = plain)
        c: conv(width, k + 2, pad = p, stride = s); relu; lrn(k, alpha = m)
        avg_pool(k, stride = 1, pad = k // 2, count_pad = inside)
        drop: dropout(rate)
    } shortcut { max_pool(k, stride = s); pad(p - k // 2 - 1, value = m); conv(width, 1) }
    max_pool([k, k - 1], stride = [1, 2], pad = [1, 0, k // 2, 1])
    sub: subsample(n - 1)
}

model parameters {
    input(4, 24, 24)
    unit(6, 3, 2, 1, 2); unit(6, 3, 1, 2, 2, n = 3, m = 0.1, plain = true, inside = false)
    head: { pool: adaptive_avg_pool([2, 3]); flatten; linear(5) }
}
"""

TEXTS = {
    "parameters": PARAMETERS,
    "vgg": VGG,
    "alexnet": ALEXNET,
    "densenet": DENSENET,
    "preactivation": PREACTIVATION,
    "lists": LISTS,
}


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with policy("float64"):
        yield


@pytest.mark.parametrize("name", TEXTS)
def test_small_networks(name: str, tmp_path: Path) -> None:
    networks = Networks(graph_of(TEXTS[name]), tmp_path)
    networks.compare(training=False)
    networks.compare(training=True, tolerance=1e-11)


# A last stage of one position has a batch norm over three numbers, which magnifies rounding: so the
# one that is compared in training sees images of 64 x 64.
@pytest.mark.parametrize(
    ("model", "size", "training"),
    [("resnet18", 64, True), ("resnet34_a", 32, False), ("resnet50", 32, False)],
)
def test_residual_networks(model: str, size: int, training: bool, tmp_path: Path) -> None:
    graph = graph_of(example("resnet.res"), model, (3, size, size))
    networks = Networks(graph, tmp_path)
    networks.compare(training=training, tolerance=1e-11 if training else 1e-12)


def test_compiled_as_it_runs(tmp_path: Path) -> None:
    graph = graph_of(example("resnet_cifar.res"), "resnet20", (3, 16, 16))
    networks = Networks(graph, tmp_path)
    networks.compare(training=True, compiled=True, tolerance=1e-11)


def test_changed_arguments(tmp_path: Path) -> None:
    # The same file takes other arguments than those it was compiled with.
    module = module_of(graph_of(VGG))
    plain = graph_of(VGG, norm=False)
    names = {name for name, *_ in module.named_weights(model_of(module, plain, norm=False))}
    assert names == {named.name for named in plain.weights}


@pytest.mark.parametrize("name", ["lists", "densenet"])
def test_keras_trains_every_weight(name: str) -> None:
    # It trains what it tracks: layers in lists of lists, in dictionaries, under computed names.
    graph = graph_of(TEXTS[name])
    module = module_of(graph)
    model = model_of(module, graph)
    held = {id(variable) for _, variable, _ in module.named_weights(model)}
    assert held == {id(variable) for variable in model.weights}
