"""Every case of every operation in generated Flax NNX, against generated PyTorch: outputs in both
modes, the running statistics, and the gradients of all weights and of the input."""

from collections.abc import Iterator

import pytest

pytest.importorskip("flax")
pytest.importorskip("torch")

from cases import Case, every_case
from jax_networks import Networks, assert_same, exact


@pytest.fixture(autouse=True)
def _exact() -> Iterator[None]:
    with exact():
        yield


@every_case()
def test_it_computes_the_case(case: Case) -> None:
    networks = Networks(case.graph)
    assert_same(*networks.evaluation())
    assert_same(*networks.training())
