"""Every value of a network in TensorFlow is seen, once, under the name that the graph gives it."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("tensorflow")

from compiled import example, graph_of
from keras_trainers import settings
from probed_networks import AGAIN, check_values
from probing import Bench


def test_all_values_are_the_interpreters(tmp_path: Path) -> None:
    import keras
    from resdsl.backends.tensorflow.runtime import TensorFlowRuntime

    runtime = TensorFlowRuntime()
    # Not `apply`: what that sets, it sets for all tests of this process.
    with settings():
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        check_values(Bench(graph_of(AGAIN), "tensorflow", tmp_path / "again"), runtime)
        small = graph_of(example("zoo/tabular_resnet.res"), "tabular_resnet")
        check_values(Bench(small, "tensorflow", tmp_path / "tabular"), runtime)
