"""Networks whose sizes are known at run time: one generated model runs at several sizes, and all
backends agree at each."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

import resdsl
from resdsl.codegen.backend import get_backend
from resdsl.codegen.runtime import Array
from resdsl.diagnostics import CompileError

FILE = Path(__file__).with_name("run_time_sizes.res")
SHAPES = {
    "pools": [(3, 33, 40), (3, 31, 64), (3, 32, 30)],
    "counted": [(3, 33, 40), (3, 31, 64), (3, 32, 30)],
    "halves": [(1, 8, 16), (1, 24, 32)],
    "unet": [(1, 8, 12), (1, 28, 16)],
    "attention": [(3, 8, 9), (3, 24, 15)],
    "wave": [(4, 100), (4, 333), (4, 40)],
    "volume": [(2, 9, 12, 17), (2, 16, 8, 8)],
}
#: Of float32, over networks this small.
CLOSE = 2e-6


class Network:
    """A network, its weights in a file, and PyTorch's results by shape."""

    def __init__(self, name: str, folder: Path) -> None:
        self.model = resdsl.load(f"{FILE}:{name}")
        self.weights = folder / f"{name}.safetensors"
        self.model.save_weights(self.weights, seed=1)
        self.torch = self.build("torch").eval()
        self.inputs = [
            np.random.default_rng(0).standard_normal((2, *shape)).astype(np.float32)
            for shape in SHAPES[name]
        ]

    def build(self, backend: str) -> Any:
        return self.model.build(backend, weights=self.weights)

    def compare(self, run: Callable[[Array], Array]) -> None:
        for x in self.inputs:
            with torch.no_grad():
                wanted = self.torch(torch.tensor(x)).numpy()
            found = run(x)
            assert found.shape == wanted.shape
            assert np.abs(found - wanted).max() <= CLOSE * max(1.0, np.abs(wanted).max())


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Network]:
    folder = tmp_path_factory.mktemp("weights")
    return cache(lambda name: Network(name, folder))


def channels_last(run: Callable[[Array], Any]) -> Callable[[Array], Array]:
    def moved(x: Array) -> Array:
        y = np.asarray(run(np.moveaxis(x, 1, -1)))
        return np.moveaxis(y, -1, 1) if y.ndim > 2 else y

    return moved


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_the_declared_ones(name: str, network: Callable[[str], Network]) -> None:
    net = network(name)
    names = ((), ("length",), ("h", "w"), ("d", "h", "w"))
    (declared,) = net.model.graph.output_types
    for x in net.inputs:
        values = dict(zip(names[x.ndim - 2], x.shape[2:], strict=True))
        shape = [s if isinstance(s, int) else s.at(values) for s in declared.shape]
        assert net.torch(torch.tensor(x)).shape == (2, *shape)


@pytest.mark.parametrize("name", SHAPES)
def test_onnx(name: str, network: Callable[[str], Network], tmp_path: Path) -> None:
    net, path = network(name), tmp_path / "net.onnx"
    net.model.save_onnx(path, weights=net.weights)
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    net.compare(lambda x: session.run(None, {"input": x})[0])


def test_onnx_names_its_dimensions(network: Callable[[str], Network], tmp_path: Path) -> None:
    network("pools").model.save_onnx(tmp_path / "net.onnx")
    graph = onnx.load(tmp_path / "net.onnx").graph

    def shape(value: Any) -> list[int | str]:
        return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]

    assert shape(graph.input[0]) == ["N", 3, "height", "width"]
    assert shape(graph.output[0]) == [
        "N", 4, "(height + 9) // 16 + 1", "(width + 9) // 16 + 1",
    ]  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_jax(name: str, network: Callable[[str], Network]) -> None:
    model = network(name).build("jax")
    model.eval()
    network(name).compare(channels_last(model))


@pytest.mark.parametrize("name", SHAPES)
def test_keras(name: str, network: Callable[[str], Network]) -> None:
    net = network(name)
    model = net.build("tensorflow")
    net.compare(channels_last(model))
    # One trace for all sizes: they are tensors in it.
    rank, channels = net.inputs[0].ndim - 2, net.inputs[0].shape[1]
    signature = [tf.TensorSpec((None,) * (1 + rank) + (channels,), tf.float32)]
    traced = tf.function(lambda x: model(x), input_signature=signature)
    net.compare(channels_last(traced))
    assert traced.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("options", [{"training": True, "batch": 2}, {"dtype": "float64"}])
def test_forms_of_onnx_that_have_one_size(options: dict[str, Any], tmp_path: Path) -> None:
    export = get_backend("onnx").export
    assert export is not None
    graph = resdsl.load(f"{FILE}:halves").graph
    with pytest.raises(CompileError) as caught:
        export(graph, tmp_path / "net.onnx", **options)
    assert [d.code for d in caught.value.diagnostics] == ["R0508"]
    fixed = resdsl.load(f"{FILE}:halves", input=(1, 8, 16)).graph
    export(fixed, tmp_path / "net.onnx", **options)


def test_padding_that_no_expression_gives(tmp_path: Path) -> None:
    text = 'model net { input(3, any, any); max_pool(2, stride = 3, pad = "tf_same") }'
    (tmp_path / "net.res").write_text(text)
    model = resdsl.load(tmp_path / "net.res")
    with pytest.raises(CompileError) as caught:
        model.save_onnx(tmp_path / "net.onnx")
    assert [d.code for d in caught.value.diagnostics] == ["R0508"]


def test_source_of_every_size() -> None:
    model = resdsl.load(f"{FILE}:halves")
    source = model.source("torch")
    assert (
        "for inputs whose height is a multiple of 8 and whose width is a multiple of 16." in source
    )
    assert '"""Maps (N, 1, H, W) to (N, 2)."""' in source
    assert "keras.Input((None, None, 1))" in model.source("tensorflow")
    assert "for inputs of any height and width." in resdsl.load(f"{FILE}:pools").source("jax")


def test_fixed_networks_at_any_size(tmp_path: Path) -> None:
    text = "model net { input(3, 8, 8); conv(4, 3, stride = 2); global_avg_pool }"
    (tmp_path / "net.res").write_text(text)
    model = resdsl.load(tmp_path / "net.res", input=(3, "any", "any(4)"))
    assert str(model.graph.input_types[0]) == "3 x h x w"
    assert model.macs is None
    assert model.graph.nodes[0].op.macs(model.graph.input_types[0]) != 0


def test_a_size_that_generated_code_would_need(tmp_path: Path) -> None:
    text = """
block even(n: int) { if n % 2 == 0 { conv(3, 3) } else { conv(3, 1) } }
model given { input(3, any(4), any); even(in.height) }
model read { input(3, any(4), any); if in.height % 2 == 0 { conv(3, 3) } }
"""
    (tmp_path / "net.res").write_text(text)
    model = resdsl.load(tmp_path / "net.res:given")
    with pytest.raises(CompileError) as caught:
        model.source("torch")
    assert [d.code for d in caught.value.diagnostics] == ["R0503"]
    model.save_onnx(tmp_path / "net.onnx")
    assert "nn.Conv2d(3, 3, 3, padding=1)" in resdsl.load(tmp_path / "net.res:read").source("torch")
