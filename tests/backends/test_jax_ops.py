"""Every case of every operation in generated Flax NNX, against generated PyTorch: outputs in both
modes, the running statistics, and the gradients of all weights and of the input."""

from collections.abc import Iterator

import pytest

pytest.importorskip("flax")
pytest.importorskip("torch")

import jax.numpy as jnp
import numpy as np
from cases import DEPTH, Case, check_depth, every_case
from compiled import graph_of
from flax import nnx
from jax_networks import Networks, assert_same, exact, module_of


@pytest.fixture(autouse=True)
def _exact() -> Iterator[None]:
    with exact():
        yield


@every_case()
def test_it_computes_the_case(case: Case) -> None:
    networks = Networks(case.graph)
    networks.input = case.bent(networks.input)
    assert_same(*networks.evaluation())
    assert_same(*networks.training())


def test_stochastic_depth_drops_whole_samples() -> None:
    model = module_of(graph_of(DEPTH), "jax").Net(rngs=nnx.Rngs(0))
    model.train()
    check_depth(np.asarray(model(jnp.ones((64, 2, 3, 4)))))
