"""Networks over one, two and three dimensions in all backends, in float64.

`tests/data/networks/ranks.res` has what takes its rank from its input, and the convolutions that
are not plain ones. Gradients and statistics of both source backends are compared with those of the
interpreter or of PyTorch; parity runs what a user would run.
"""

import json
from pathlib import Path

import pytest

pytest.importorskip("flax")
pytest.importorskip("keras")
pytest.importorskip("onnx")
pytest.importorskip("tensorflow")
pytest.importorskip("torch")

import jax_networks
import keras_networks
from agreement import check_agreement
from compiled import graph_of, source_of

from resdsl.ir.graph import Graph
from resdsl.parity import Settings, run

FILE = Path(__file__).resolve().parents[1] / "data" / "networks" / "ranks.res"
MODELS = ["resnet1d", "resnet3d", "unet"]


def graph(model: str) -> Graph:
    return graph_of(FILE.read_text(), model)


@pytest.mark.parametrize("model", MODELS)
def test_pytorch_computes_what_the_graph_says(model: str) -> None:
    check_agreement(graph(model), source_of(graph(model)))


@pytest.mark.parametrize("model", MODELS)
def test_flax_trains_as_pytorch(model: str) -> None:
    with jax_networks.exact():
        networks = jax_networks.Networks(graph(model))
        jax_networks.assert_same(*networks.evaluation())
        jax_networks.assert_same(*networks.training(), tolerance=1e-11)


@pytest.mark.parametrize("model", MODELS)
def test_keras_trains_as_the_graph_says(model: str, tmp_path: Path) -> None:
    with keras_networks.policy("float64"):
        networks = keras_networks.Networks(graph(model), tmp_path)
        networks.compare(training=False)
        networks.compare(training=True, compiled=True, tolerance=1e-11)


@pytest.mark.parametrize("model", MODELS)
def test_parity(model: str) -> None:
    report = run(graph(model), Settings(steps=2))
    assert report.agreed, json.dumps(report.to_json(), indent=1)
