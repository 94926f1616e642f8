"""Every value of a network in JAX is seen, once, under the name that the graph gives it."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("jax")

from compiled import example, graph_of
from probed_networks import AGAIN, check_values
from probing import Bench


def test_all_values_are_the_interpreters(tmp_path: Path) -> None:
    import jax
    from resdsl.backends.jax.runtime import JaxRuntime

    runtime = JaxRuntime()
    # Not `apply`: what that sets, it sets for all tests of this process.
    with jax.enable_x64(True):
        check_values(Bench(graph_of(AGAIN), "jax", tmp_path / "again"), runtime)
        small = graph_of(example("zoo/tabular_resnet.res"), "tabular_resnet")
        check_values(Bench(small, "jax", tmp_path / "tabular"), runtime)
