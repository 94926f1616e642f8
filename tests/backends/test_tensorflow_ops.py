"""Every case of every operation in generated Keras, against the interpreter of the graph: outputs
in both modes, the running statistics, and the gradients of all weights and of the input."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("keras")
pytest.importorskip("tensorflow")
pytest.importorskip("torch")

import keras
import numpy as np
from cases import DEPTH, Case, check_depth, every_case
from compiled import graph_of
from keras_networks import Networks, model_of, module_of, policy

#: Pools that PyTorch refuses: windows that hang over an edge with uneven padding.
UNEVEN = (
    "max_pool([3, 2], [3, 4], [1, 0, 1, 1], ceil = true)",
    'max_pool(2, stride = 5, pad = "tf_same", ceil = true)',
    "avg_pool([3, 4], [3, 5], [1, 0, 1, 1], ceil = true)",
    "avg_pool([3, 4], [3, 5], [0, 1, 2, 1], ceil = true, count_pad = false)",
    'avg_pool(2, 5, "tf_same", ceil = true)',
)


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with policy("float64"):
        yield


@every_case()
def test_it_computes_the_case(case: Case, tmp_path: Path) -> None:
    networks = Networks(case.graph, tmp_path)
    networks.input = case.bent(networks.input)
    networks.compare(training=False)
    networks.compare(training=True)


@pytest.mark.parametrize("pool", UNEVEN)
def test_a_pool_with_uneven_padding(pool: str, tmp_path: Path) -> None:
    graph = graph_of(f"model net {{\n input(4, 9, 11)\n start: identity\n {pool}\n}}\n")
    networks = Networks(graph, tmp_path)
    networks.compare(training=False)
    networks.compare(training=True)


def test_stochastic_depth_drops_whole_samples() -> None:
    keras.utils.set_random_seed(0)
    graph = graph_of(DEPTH)
    model = model_of(module_of(graph), graph)
    check_depth(np.asarray(model(np.ones((64, 2, 3, 4)), training=True)))
