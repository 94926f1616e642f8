"""Every operation in generated Flax NNX, with every option, against generated PyTorch.

One case is a short chain of operations, once as attributes and functions of a class (outputs in
both modes, all gradients and the running statistics), once as items of a sequence.
"""

from collections.abc import Iterator

import pytest

pytest.importorskip("flax")
pytest.importorskip("torch")

from compiled import graph_of
from jax_networks import Networks, assert_same, exact

from resdsl.ops import OPS

IMAGE = "4, 9, 11"
EVEN = "4, 12, 10"
VECTOR = "7"

CASES = {
    "conv same": (IMAGE, "conv(6, 3)"),
    "conv stride": (IMAGE, "conv(6, 3, stride = 2, bias = false)"),
    "conv rectangle": (IMAGE, "conv(6, [3, 5], stride = [2, 1], dilation = [1, 2])"),
    "conv number": (EVEN, 'conv(5, 3, pad = 2); conv(5, 3, pad = "valid"); conv(5, 2, pad = 0)'),
    "conv sides": (IMAGE, "conv(6, 3, pad = [0, 1, 2, 3], stride = 2)"),
    "conv tf_same": (EVEN, 'conv(6, 3, pad = "tf_same", stride = 2)'),
    "conv tf_same even": (EVEN, 'conv(6, [2, 4], pad = "tf_same", dilation = [2, 1])'),
    "conv groups": (EVEN, "conv(8, 3, groups = 4, stride = 2); conv(16, 3, groups = 8)"),
    "conv dilated groups": (EVEN, "conv(8, 3, groups = 2, dilation = 2, stride = 2)"),
    "linear": (VECTOR, "linear(5); relu; linear(3, bias = false)"),
    "linear image": (IMAGE, "linear(5); relu; linear(3, bias = false)"),
    "batch_norm": (IMAGE, "batch_norm; relu; batch_norm(eps = 0.1, momentum = 0.3)"),
    "batch_norm vector": (VECTOR, "batch_norm; relu; batch_norm(affine = false)"),
    "batch_norm population": (IMAGE, 'batch_norm; relu; batch_norm(variance = "population")'),
    "batch_norm all plain": (
        IMAGE,
        'batch_norm(variance = "population", affine = false, momentum = 1, eps = 0.01)',
    ),
    "lrn": ("9, 4, 3", "lrn; relu; lrn(3, alpha = 0.3, beta = 0.6, k = 1.5)"),
    "relu": (IMAGE, "relu; conv(3, 1)"),
    "softmax": (IMAGE, "softmax; global_avg_pool; softmax"),
    "max_pool": (IMAGE, "max_pool(3, stride = 2); max_pool(2)"),
    "max_pool sides": (IMAGE, "max_pool([3, 2], stride = [2, 1], pad = [1, 0, 0, 1])"),
    "max_pool tf_same": (EVEN, 'max_pool(3, stride = 2, pad = "tf_same")'),
    "max_pool ceil": (EVEN, "max_pool(3, 2, 0, ceil = true); max_pool(2, 3, 1, ceil = true)"),
    "avg_pool": (IMAGE, "avg_pool(3, stride = 2, pad = 1); avg_pool(2)"),
    "avg_pool same": (IMAGE, 'avg_pool(3, stride = 1, pad = "same")'),
    "avg_pool sides": (IMAGE, "avg_pool(3, 2, [1, 0, 0, 1])"),
    "avg_pool inside": (IMAGE, "avg_pool(3, 1, [1, 0, 0, 1], count_pad = false)"),
    "avg_pool tf_same": (EVEN, 'avg_pool(3, 2, "tf_same"); avg_pool(2, 1, "tf_same")'),
    "avg_pool tf_same inside": (EVEN, 'avg_pool(3, 2, "tf_same", count_pad = false)'),
    "avg_pool ceil": (EVEN, "avg_pool(3, 2, 1, ceil = true)"),
    "avg_pool ceil inside": (EVEN, "avg_pool([2, 3], 3, 1, ceil = true, count_pad = false)"),
    "adaptive_avg_pool": (IMAGE, "adaptive_avg_pool([3, 4]); adaptive_avg_pool(6)"),
    "global_avg_pool": (IMAGE, "global_avg_pool"),
    "global_avg_pool keep": (IMAGE, "global_avg_pool(keep = true); conv(3, 1); flatten"),
    "global_max_pool": (IMAGE, "global_max_pool"),
    "global_max_pool keep": (IMAGE, "global_max_pool(keep = true); conv(3, 1); flatten"),
    "flatten": ("4, 3, 5", "flatten; linear(4)"),
    "dropout": (IMAGE, "dropout(0.3); conv(3, 1); dropout"),
    "pad": (IMAGE, "pad(1); pad([1, 2, 0, 3], value = 2.5)"),
    "subsample": (IMAGE, "subsample(2); subsample([1, 3])"),
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
    "mul of a sum": "a: conv(4, 3); b: relu; s: add(a, b); mul(s, a)",
}


@pytest.fixture(autouse=True)
def _exact() -> Iterator[None]:
    with exact():
        yield


def chain(shape: str, body: str, *, sequence: bool) -> str:
    inner = f"chain: {{ {body} }}" if sequence else body
    # A label that is read makes a class of the model; without one it would be a sequence.
    return f"model net {{\n    input({shape})\n    start: identity\n    {inner}\n}}\n"


@pytest.mark.parametrize("name", CASES)
def test_in_a_class(name: str) -> None:
    networks = Networks(graph_of(chain(*CASES[name], sequence=False)))
    assert_same(*networks.evaluation())
    assert_same(*networks.training())


@pytest.mark.parametrize("name", CASES)
def test_in_a_sequence(name: str) -> None:
    # The same functions, put together differently: the forward pass tells.
    assert_same(*Networks(graph_of(chain(*CASES[name], sequence=True))).evaluation())


@pytest.mark.parametrize("name", JOINS)
def test_join(name: str) -> None:
    body = JOINS[name].replace("; ", "\n    ")
    graph = graph_of(f"block joined {{\n    {body}\n}}\nmodel net {{ input({IMAGE}); joined }}\n")
    networks = Networks(graph)
    assert_same(*networks.evaluation())
    assert_same(*networks.training())


def test_every_operation_is_here() -> None:
    tested = {name.split()[0] for name in (*CASES, *JOINS)}
    assert tested == set(OPS)
