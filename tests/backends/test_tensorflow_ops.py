"""Every operation in generated Keras, with every option, against the interpreter of the graph.

One case is one operation: as an attribute or function of a class, where both modes, all gradients
and the running statistics count, and as an item of a sequence, put together differently.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("keras")
pytest.importorskip("tensorflow")
pytest.importorskip("torch")

from compiled import graph_of
from keras_networks import Networks, policy

from resdsl.ops import OPS

IMAGE = "4, 9, 11"
VECTOR = "6"

CASES = {
    "conv": (IMAGE, "conv(6, 3)"),
    "conv plain": (IMAGE, "conv(6, 3, stride = 2, bias = false)"),
    "conv valid": (IMAGE, 'conv(6, 3, pad = "valid")'),
    "conv rectangle": (IMAGE, "conv(6, [3, 5], stride = [2, 1], dilation = [1, 2])"),
    "conv wide": (IMAGE, "conv(6, 3, pad = 2, dilation = 2)"),
    "conv sides": (IMAGE, "conv(6, 2, pad = [0, 1, 2, 3])"),
    "conv tf_same": (IMAGE, 'conv(6, [2, 3], pad = "tf_same", stride = [1, 2])'),
    "conv tf_same dilated": (IMAGE, 'conv(6, 3, pad = "tf_same", dilation = 2)'),
    "conv each way": (IMAGE, 'conv(6, 3); conv(4, 3, stride = 2, pad = "tf_same"); conv(5, 1)'),
    "conv groups": (IMAGE, "conv(8, 3, groups = 4, stride = 2)"),
    "conv dilated groups": (IMAGE, "conv(8, 3, groups = 2, dilation = 2, bias = false)"),
    "conv strided and dilated": (IMAGE, "conv(6, 3, stride = 2, dilation = 2)"),
    "conv strided and dilated groups": (
        IMAGE,
        "conv(6, 3, stride = [2, 3], dilation = [2, 1], groups = 2, pad = [1, 2, 3, 0])",
    ),
    "conv strided and dilated tf_same": (
        IMAGE,
        'conv(6, 3, stride = 2, dilation = 2, pad = "tf_same"); conv(4, 2, pad = "tf_same")',
    ),
    "linear": (VECTOR, "linear(5)"),
    "linear image": (IMAGE, "linear(5, bias = false)"),
    "batch_norm": (IMAGE, "batch_norm"),
    "batch_norm vector": (VECTOR, "batch_norm(momentum = 0.01, affine = false)"),
    "batch_norm options": (IMAGE, "batch_norm(eps = 0.1, momentum = 0.3, init = zeros)"),
    "batch_norm population": (IMAGE, 'batch_norm(variance = "population")'),
    "batch_norm population options": (
        IMAGE,
        'batch_norm(variance = "population", eps = 0.01, momentum = 1, affine = false)',
    ),
    "lrn": ("9, 4, 3", "lrn"),
    "lrn options": ("9, 4, 3", "lrn(3, alpha = 0.4, beta = 0.6, k = 2)"),
    "relu": (IMAGE, "relu"),
    "softmax": (IMAGE, "softmax"),
    "softmax vector": (VECTOR, "softmax"),
    "max_pool": (IMAGE, "max_pool(2)"),
    "max_pool same": (IMAGE, "max_pool(3, stride = 2)"),
    "max_pool even": (IMAGE, "max_pool(4, stride = 3)"),
    "max_pool rectangle": (IMAGE, 'max_pool([2, 3], stride = [1, 2], pad = "valid")'),
    "max_pool sides": (IMAGE, "max_pool(3, stride = 2, pad = [1, 0, 0, 1])"),
    "max_pool tf_same": (IMAGE, 'max_pool(3, stride = 2, pad = "tf_same")'),
    "max_pool ceil": (IMAGE, "max_pool(2, pad = 0, ceil = true)"),
    "max_pool ceil drops a window": (IMAGE, "max_pool(2, stride = 3, pad = 1, ceil = true)"),
    "max_pool ceil sides": (IMAGE, "max_pool([3, 2], [3, 4], [1, 0, 1, 1], ceil = true)"),
    "max_pool ceil tf_same": (IMAGE, 'max_pool(2, stride = 5, pad = "tf_same", ceil = true)'),
    "avg_pool": (IMAGE, "avg_pool(2)"),
    "avg_pool same": (IMAGE, 'avg_pool(3, stride = 2, pad = "same")'),
    "avg_pool sides": (IMAGE, "avg_pool(3, 2, [1, 0, 0, 1])"),
    "avg_pool inside": (IMAGE, "avg_pool(3, 2, 1, count_pad = false)"),
    "avg_pool tf_same": (IMAGE, 'avg_pool([3, 2], 2, "tf_same")'),
    "avg_pool tf_same inside": (IMAGE, 'avg_pool(3, 2, "tf_same", count_pad = false)'),
    "avg_pool ceil": (IMAGE, "avg_pool(2, ceil = true)"),
    "avg_pool ceil same": (IMAGE, "avg_pool(3, 2, 1, ceil = true)"),
    "avg_pool ceil sides": (IMAGE, "avg_pool([3, 4], [3, 5], [1, 0, 1, 1], ceil = true)"),
    "avg_pool ceil inside": (
        IMAGE,
        "avg_pool([3, 4], [3, 5], [0, 1, 2, 1], ceil = true, count_pad = false)",
    ),
    "avg_pool ceil tf_same": (IMAGE, 'avg_pool(2, 5, "tf_same", ceil = true)'),
    "adaptive_avg_pool": (IMAGE, "adaptive_avg_pool(4)"),
    "adaptive_avg_pool up": (IMAGE, "adaptive_avg_pool([12, 5])"),
    "global_avg_pool": (IMAGE, "global_avg_pool"),
    "global_avg_pool keep": (IMAGE, "global_avg_pool(keep = true)"),
    "global_max_pool": (IMAGE, "global_max_pool"),
    "global_max_pool keep": (IMAGE, "global_max_pool(keep = true)"),
    "flatten": ("4, 3, 5", "flatten; linear(4)"),
    "flatten one position": (IMAGE, "global_avg_pool(keep = true); flatten; linear(4)"),
    "flatten vector": (VECTOR, "flatten; linear(4)"),
    "dropout": (IMAGE, "dropout(0.3)"),
    "pad": (IMAGE, "pad(2)"),
    "pad sides": (IMAGE, "pad([1, 2, 0, 3], value = -1.5)"),
    "subsample": (IMAGE, "subsample(2)"),
    "subsample rectangle": (IMAGE, "subsample([3, 1])"),
    "pad_channels": (IMAGE, "pad_channels(7)"),
    "pad_channels vector": (VECTOR, "pad_channels(9)"),
    "identity": (IMAGE, "identity; conv(3, 1)"),
}

JOINS = {
    "add": "a: conv(4, 3); b: relu; add(a, b, in)",
    "sub": "a: conv(4, 3); b: relu; sub(b, a)",
    "concat": "a: conv(2, 3); b: conv(3, 1); concat(a, in, b)",
    "mul": "a: conv(4, 3); b: relu; mul(a, b)",
    "mul with a vector": "a: conv(4, 3); b: global_avg_pool; mul(a, b)",
    "mul with one position": "a: conv(4, 3); b: global_avg_pool(keep = true); mul(b, a)",
    "mul with rows": "a: conv(4, 3); b: avg_pool([9, 1]); mul(b, a)",
    "mul of sums": "a: conv(4, 3); s: add(a, in); v: global_avg_pool; mul(s, v, a)",
}


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with policy("float64"):
        yield


@pytest.mark.parametrize("name", CASES)
def test_in_a_class(name: str, tmp_path: Path) -> None:
    shape, body = CASES[name]
    # A label that is read makes a class of the model; without one it would be a sequence.
    text = f"model net {{\n input({shape})\n start: identity\n {body}\n}}\n"
    networks = Networks(graph_of(text), tmp_path)
    networks.compare(training=False)
    networks.compare(training=True)


@pytest.mark.parametrize("name", CASES)
def test_in_a_sequence(name: str, tmp_path: Path) -> None:
    shape, body = CASES[name]
    networks = Networks(graph_of(f"model net {{\n input({shape})\n {body}\n}}\n"), tmp_path)
    networks.compare(training=False)


@pytest.mark.parametrize("name", JOINS)
def test_join(name: str, tmp_path: Path) -> None:
    body = JOINS[name].replace("; ", "\n    ")
    text = f"block joined {{\n    {body}\n}}\nmodel net {{ input({IMAGE}); joined }}\n"
    networks = Networks(graph_of(text), tmp_path)
    networks.compare(training=False)
    networks.compare(training=True)


def test_every_operation_is_here() -> None:
    assert {name.split()[0] for name in (*CASES, *JOINS)} == set(OPS)
