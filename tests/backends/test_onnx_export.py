"""The `.onnx` file as a whole: names, weights inside or beside it, what a failure leaves."""

import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import numpy_helper

from resdsl import __version__
from resdsl.codegen.backend import get_backend
from resdsl.diagnostics import CompileError, InternalError, Source, Span
from resdsl.ir.graph import Graph, GraphInput, NamedWeight, Node, Origin
from resdsl.ir.model import Block, BlockValue
from resdsl.ops import OPS
from resdsl.types import TensorType

SPAN = Span(Source("models/test.res", "x"), 0, 1)


class Network:
    """Builds a graph by hand, one operation after the other."""

    def __init__(self, *shape: int) -> None:
        self.graph = Graph("net", "A net.", BlockValue(Block("net", (), "", SPAN)), {})
        self.graph.inputs = [GraphInput("input", 0)]
        self.graph.types = [TensorType(shape)]

    def add(self, path: str, kind: str, *inputs: int, **options: Any) -> int:
        graph, op = self.graph, OPS[kind](**options)
        inputs = inputs or (len(graph.types) - 1,)
        types = [graph.types[i] for i in inputs]
        node = Node(op, inputs, len(graph.types), path, Origin(SPAN))
        graph.nodes.append(node)
        graph.types.append(op.infer(*types))
        graph.weights += [NamedWeight(f"{path}.{w.name}", w, node) for w in op.weights(types[0])]
        graph.outputs = [node.output]
        return node.output


def residual() -> Graph:
    """A residual block between a stem and a head, with everything that has a training form."""
    net = Network(3, 8, 8)
    net.add("conv1", "conv", out=8, kernel=3, stride=2, bias=False)
    x = net.add("relu", "relu")
    net.add("layer1.0.conv1", "conv", out=8, kernel=3)
    y = net.add("layer1.0.bn1", "batch_norm")
    net.add("layer1.0.add", "add", y, x)
    net.add("pool", "global_avg_pool")
    net.add("drop", "dropout", rate=0.25)
    net.add("fc", "linear", out=1100)
    return net.graph


def weights_of(graph: Graph) -> dict[str, Any]:
    random = np.random.default_rng(0)
    return {
        w.name: random.uniform(0.5, 1.5, w.weight.shape).astype(np.float32) for w in graph.weights
    }


def export(graph: Graph, path: Path, *arguments: Any, **options: Any) -> None:
    get_backend("onnx").export(graph, path, *arguments, **options)


def infer(path: Path, **inputs: Any) -> Any:
    options = ort.SessionOptions()
    # Folding batch norms changes last digits, and needs their numbers inside the file.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(path, options).run(None, inputs)[0]


X = np.random.default_rng(1).standard_normal((2, 3, 8, 8)).astype(np.float32)


# ---- the file ------------------------------------------------------------------------------------


def test_the_streamed_file_is_the_message_a_library_would_write(tmp_path: Path) -> None:
    from resdsl.backends.onnx.builder import Form
    from resdsl.backends.onnx.export import build_model

    graph = residual()
    weights = weights_of(graph)
    export(graph, tmp_path / "net.onnx", weights)
    model = build_model(graph, Form(), weights_inside=True)
    for name, array in weights.items():
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    assert onnx.load(tmp_path / "net.onnx") == model
    assert (tmp_path / "net.onnx").stat().st_size == model.ByteSize()


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**21 - 1, 2**31, 2**35])
def test_varint_is_protobufs(number: int) -> None:
    from resdsl.backends.onnx.stream import varint

    encoded = onnx.TensorProto(dims=[number]).SerializeToString()  # tag, packed length, number
    assert encoded.endswith(varint(number))
    assert len(varint(number)) == max(1, -(-number.bit_length() // 7))


@pytest.mark.parametrize("external", [True, False])
def test_bytes_are_the_same_every_time(external: bool, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        path = tmp_path / folder / "net.onnx"
        export(residual(), path, weights_of(residual()), external_data=external)
    for made in (tmp_path / "a").iterdir():
        assert made.read_bytes() == (tmp_path / "b" / made.name).read_bytes()


def test_the_file_says_where_it_comes_from(tmp_path: Path) -> None:
    export(residual(), tmp_path / "net.onnx")
    model = onnx.load(tmp_path / "net.onnx")
    assert (model.producer_name, model.producer_version) == ("resdsl", __version__)
    assert (model.graph.name, model.graph.doc_string) == ("net", "A net.")
    assert {p.key: p.value for p in model.metadata_props} == {"source": "test.res:net"}


def test_names_are_the_canonical_ones(tmp_path: Path) -> None:
    graph = residual()
    export(graph, tmp_path / "net.onnx", weights_of(graph))
    model = onnx.load(tmp_path / "net.onnx").graph
    assert [node.name for node in model.node] == [node.path for node in graph.nodes]
    inside = [i.name for i in model.initializer if "/" not in i.name]
    assert inside == [w.name for w in graph.weights]
    assert [value.name for value in model.input] == ["input"]
    assert [value.name for value in model.output] == ["output"]


def test_without_weights_they_are_inputs(tmp_path: Path) -> None:
    graph = residual()
    weights = weights_of(graph)
    export(graph, tmp_path / "bare.onnx")
    export(graph, tmp_path / "full.onnx", weights)
    onnx.checker.check_model(tmp_path / "bare.onnx", full_check=True)
    bare = infer(tmp_path / "bare.onnx", input=X, **weights)
    assert np.array_equal(bare, infer(tmp_path / "full.onnx", input=X))


def test_the_batch_is_free_unless_it_is_fixed(tmp_path: Path) -> None:
    graph = residual()
    export(graph, tmp_path / "free.onnx", weights_of(graph))
    assert infer(tmp_path / "free.onnx", input=X).shape == (2, 1100)
    assert infer(tmp_path / "free.onnx", input=X[:1]).shape == (1, 1100)
    export(graph, tmp_path / "fixed.onnx", weights_of(graph), batch=2)
    (value,) = onnx.load(tmp_path / "fixed.onnx").graph.input
    assert [d.dim_value for d in value.type.tensor_type.shape.dim] == [2, 3, 8, 8]


# ---- weights beside the file ---------------------------------------------------------------------


def test_weights_beside_the_file_are_the_same(tmp_path: Path) -> None:
    graph = residual()
    inside, beside = tmp_path / "inside.onnx", tmp_path / "beside.onnx"
    export(graph, inside, weights_of(graph))
    export(graph, beside, weights_of(graph), external_data=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "beside.onnx",
        "beside.onnx.data",
        "inside.onnx",
    ]
    onnx.checker.check_model(str(beside), full_check=True)
    arrays = [
        {i.name: numpy_helper.to_array(i) for i in onnx.load(path).graph.initializer}
        for path in (inside, beside)
    ]
    assert arrays[0].keys() == arrays[1].keys()
    assert all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])
    assert np.array_equal(infer(inside, input=X), infer(beside, input=X))


def test_weights_beside_the_file_can_be_mapped(tmp_path: Path) -> None:
    graph = residual()
    export(graph, tmp_path / "net.onnx", weights_of(graph), external_data=True)
    model = onnx.load(tmp_path / "net.onnx", load_external_data=False)
    end = 0
    for tensor in model.graph.initializer:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        place = {entry.key: entry.value for entry in tensor.external_data}
        offset, length = int(place["offset"]), int(place["length"])
        assert place["location"] == "net.onnx.data"
        assert offset >= end and offset % (4096 if length >= 4096 else 64) == 0
        end = offset + length
    assert end == (tmp_path / "net.onnx.data").stat().st_size


def test_a_file_too_large_for_protobuf_gets_its_weights_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from resdsl.backends.onnx import stream

    graph = residual()
    export(graph, tmp_path / "net.onnx", weights_of(graph))
    size = (tmp_path / "net.onnx").stat().st_size
    assert not (tmp_path / "net.onnx.data").exists()
    monkeypatch.setattr(stream, "MESSAGE_LIMIT", size - 1)
    export(graph, tmp_path / "net.onnx", weights_of(graph))
    assert (tmp_path / "net.onnx.data").exists()
    assert (tmp_path / "net.onnx").stat().st_size < 10_000


# ---- one tensor at a time, and failures ----------------------------------------------------------


@pytest.mark.parametrize("external", [True, False])
def test_one_array_is_alive_at_a_time(external: bool, tmp_path: Path) -> None:
    graph = residual()
    alive: list[int] = []
    most = 0

    def arrays() -> Iterator[tuple[str, Any]]:
        nonlocal most
        for named in graph.weights:
            array = np.ones(named.weight.shape, np.float32)
            alive.append(1)
            most = max(most, len(alive))
            weakref.finalize(array, alive.pop)
            pair = [(named.name, array)]
            del array
            yield pair.pop()

    export(graph, tmp_path / "net.onnx", arrays(), external_data=external)
    assert most == 1


@pytest.mark.parametrize("external", [True, False])
def test_a_failure_leaves_what_was_there(external: bool, tmp_path: Path) -> None:
    graph = residual()
    path = tmp_path / "net.onnx"

    def arrays() -> Iterator[tuple[str, Any]]:
        first = graph.weights[0]
        yield first.name, np.zeros(first.weight.shape, np.float32)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(graph, path, arrays(), external_data=external)
    assert list(tmp_path.iterdir()) == []

    export(graph, path, weights_of(graph), external_data=external)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        export(graph, path, arrays(), external_data=external)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_an_unwritable_place_is_a_diagnostic(tmp_path: Path) -> None:
    with pytest.raises(CompileError):
        export(residual(), tmp_path)


def test_weights_that_do_not_fit_are_a_fault_of_the_caller(tmp_path: Path) -> None:
    graph = residual()
    pairs = list(weights_of(graph).items())
    wrong = [
        pairs[:-1],
        pairs[1:] + pairs[:1],
        [(name, array.reshape(-1)) for name, array in pairs],
    ]
    for weights in wrong:
        with pytest.raises(InternalError):
            export(graph, tmp_path / "net.onnx", weights)
    assert list(tmp_path.iterdir()) == []


# ---- names that meet -----------------------------------------------------------------------------


def checked(graph: Graph, path: Path) -> Any:
    export(graph, path, weights_of(graph))
    onnx.checker.check_model(str(path), full_check=True)
    ort.InferenceSession(path)  # refuses duplicate names, which the checker does not
    return onnx.load(path).graph


def test_labels_may_be_called_like_inputs_and_outputs(tmp_path: Path) -> None:
    net = Network(3, 8, 8)
    net.add("input", "relu")
    net.add("output", "relu")
    net.add("constant", "subsample", by=2)
    net.add("last", "relu")
    graph = checked(net.graph, tmp_path / "net.onnx")
    assert [node.name for node in graph.node] == ["input", "output", "constant", "last"]
    assert [node.output[0] for node in graph.node] == [
        "input/value",
        "output/value",
        "constant",
        "output",
    ]


def test_several_outputs_have_the_names_of_their_labels(tmp_path: Path) -> None:
    net = Network(3, 8, 8)
    low = net.add("low", "subsample", by=2)
    high = net.add("high", "relu")
    net.graph.outputs = [low, high]
    graph = checked(net.graph, tmp_path / "net.onnx")
    assert [value.name for value in graph.output] == ["low", "high"]


def test_an_input_that_is_an_output_is_copied(tmp_path: Path) -> None:
    net = Network(3, 8, 8)
    net.graph.outputs = [0]
    checked(net.graph, tmp_path / "net.onnx")
    assert np.array_equal(infer(tmp_path / "net.onnx", input=X), X)
    twice = net.add("relu", "relu")
    net.graph.outputs = [0, twice, twice]
    graph = checked(net.graph, tmp_path / "net.onnx")
    assert [value.name for value in graph.output] == ["output0", "relu", "output2"]


# ---- the backend ---------------------------------------------------------------------------------


def test_declaring_the_backend_imports_neither_onnx_nor_numpy() -> None:
    program = (
        "import sys; from resdsl.codegen.backend import get_backend; get_backend('onnx'); "
        "print(sorted({'numpy', 'onnx', 'onnxruntime', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_exporting_imports_no_framework(tmp_path: Path) -> None:
    import pickle

    (tmp_path / "graph").write_bytes(pickle.dumps(residual()))
    program = (
        "import pickle, sys; from pathlib import Path\n"
        "from resdsl.codegen.backend import get_backend\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "graph = pickle.loads((folder / 'graph').read_bytes())\n"
        "get_backend('onnx').export(graph, folder / 'net.onnx')\n"
        "print(sorted({'onnxruntime', 'torch', 'jax', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
