"""What parity drives: the exported network in both engines, against PyTorch written by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from resdsl.codegen.backend import get_backend
from resdsl.codegen.runtime import Batch, Policy, Unavailable, Update, training_form
from resdsl.diagnostics import Source, Span
from resdsl.ir.graph import Graph, GraphInput, NamedWeight, Node, Origin
from resdsl.ir.model import Block, BlockValue
from resdsl.ops import OPS
from resdsl.parity.facts import facts_of
from resdsl.types import TensorType
from resdsl.weights.names import layouts
from resdsl.weights.store import write_weights

BATCH = 4
RATE = 0.25
LAYERS = [
    ("conv1", "conv", {"out": 6, "kernel": 3, "stride": 2}, (0,)),
    ("bn1", "batch_norm", {"momentum": 0.2}, (1,)),
    ("relu", "relu", {}, (2,)),
    ("conv2", "conv", {"out": 6, "kernel": 3}, (3,)),
    ("add", "add", {}, (4, 3)),
    ("pool", "max_pool", {"kernel": 3, "stride": 2}, (5,)),
    ("flatten", "flatten", {}, (6,)),
    ("bn2", "batch_norm", {"variance": "population", "affine": False}, (7,)),
    ("drop", "dropout", {"rate": RATE}, (8,)),
    ("fc", "linear", {"out": 5}, (9,)),
]


def network() -> Graph:
    span = Span(Source("net.res", "x"), 0, 1)
    graph = Graph("net", "", BlockValue(Block("net", (), "", span)), {})
    graph.inputs, graph.types = [GraphInput("input", 0)], [TensorType((3, 8, 10))]
    for path, kind, options, inputs in LAYERS:
        op = OPS[kind](**options)
        types = [graph.types[i] for i in inputs]
        node = Node(op, inputs, len(graph.types), path, Origin(span))
        graph.nodes.append(node)
        graph.types.append(op.infer(*types))
        graph.weights += [NamedWeight(f"{path}.{w.name}", w, node) for w in op.weights(types[0])]
    graph.outputs = [len(graph.types) - 1]
    return graph


def by_hand(w: dict[str, Any], x: Any, mask: Any = None) -> Any:
    """The network in PyTorch; with a mask in training, where it changes the statistics in `w`."""
    training = mask is not None
    x = F.conv2d(x, w["conv1.weight"], w["conv1.bias"], 2, 1)
    x = F.batch_norm(x, *statistics(w, "bn1"), w["bn1.weight"], w["bn1.bias"], training, 0.2)
    x = F.relu(x)
    x = F.max_pool2d(F.conv2d(x, w["conv2.weight"], w["conv2.bias"], 1, 1) + x, 3, 2, 1).flatten(1)
    if training:
        mean, var = x.mean(0), x.var(0, correction=0)
        for name, new in (("bn2.running_mean", mean), ("bn2.running_var", var)):
            w[name].mul_(0.9).add_(0.1 * new)
        x = (x - mean) / torch.sqrt(var + 1e-5) * mask / (1 - RATE)
    else:
        mean, var = statistics(w, "bn2")
        x = (x - mean) / torch.sqrt(var + 1e-5)
    return F.linear(x, w["fc.weight"], w["fc.bias"])


def statistics(w: dict[str, Any], layer: str) -> tuple[Any, Any]:
    return w[f"{layer}.running_mean"], w[f"{layer}.running_var"]


class Prepared:
    """The network's files as parity lays them out, and the same weights for PyTorch."""

    def __init__(self, folder: Path, dtype: str) -> None:
        self.graph, self.policy = network(), Policy(dtype)
        random = np.random.default_rng(0)
        self.weights = {
            w.name: random.uniform(0.2, 1, w.weight.shape).astype(np.float32)
            for w in self.graph.weights
        }
        self.torch = {
            name: torch.tensor(w, dtype=torch.float64) for name, w in self.weights.items()
        }
        write_weights(folder / "w", layouts(self.graph.weights), self.weights.items())
        self.source = folder / "net.onnx"
        backend = get_backend("onnx")
        backend.export(self.graph, self.source, self.weights, dtype=dtype)
        backend.export(
            self.graph, training_form(self.source), dtype=dtype, training=True, batch=BATCH
        )
        runtime = backend.load_runtime()()
        self.in_force = runtime.apply(self.policy)
        facts = facts_of(self.graph)
        self.network = runtime.load(self.source, facts, folder / "w", self.policy)
        self.tolerance = 1e-13 if dtype == "float64" else 2e-6


@pytest.fixture(params=["float64", "float32"])
def prepared(request: pytest.FixtureRequest, tmp_path: Path) -> Prepared:
    return Prepared(tmp_path, request.param)


def sample(seed: int) -> Any:
    return np.random.default_rng(seed).standard_normal((BATCH, 3, 8, 10)).astype(np.float32)


def distance(ours: Any, reference: Any) -> float:
    assert ours.shape == reference.shape
    return float(np.abs(ours - reference.numpy()).max() / reference.abs().max())


def test_inference_is_pytorchs(prepared: Prepared) -> None:
    outputs = prepared.network.infer({"input": sample(1)})
    reference = by_hand(prepared.torch, torch.tensor(sample(1)).double())
    assert outputs["output"].dtype == prepared.policy.dtype
    assert distance(outputs["output"], reference) <= prepared.tolerance


def test_training_forward_and_statistics_are_pytorchs_step_after_step(prepared: Prepared) -> None:
    names = frozenset(facts_of(prepared.graph).statistics)
    for step in range(3):
        mask = (np.random.default_rng(9 + step).random((BATCH, 6 * 2 * 3)) > RATE).astype("float32")
        batch = Batch({"input": sample(step)}, {}, "cross_entropy", {"drop": mask})
        outcome = prepared.network.step(batch, Update(0.1, 0.9, 0.0))
        assert outcome.loss is None and outcome.gradients is None
        reference = by_hand(
            prepared.torch, torch.tensor(sample(step)).double(), torch.tensor(mask).double()
        )
        assert distance(outcome.outputs["output"], reference) <= 10 * prepared.tolerance
        state = dict(prepared.network.state(names))
        assert list(state) == [f"bn{i}.running_{s}" for i in (1, 2) for s in ("mean", "var")]
        for name, array in state.items():
            assert array.dtype == prepared.policy.dtype
            assert distance(array, prepared.torch[name]) <= prepared.tolerance


def test_new_statistics_can_be_handed_back_to_a_file_with_weights(prepared: Prepared) -> None:
    path = training_form(prepared.source)
    get_backend("onnx").export(
        prepared.graph,
        path,
        prepared.weights,
        dtype=prepared.policy.dtype,
        training=True,
        batch=BATCH,
    )
    test_training_forward_and_statistics_are_pytorchs_step_after_step(prepared)


def test_it_says_what_it_runs_on(prepared: Prepared) -> None:
    exact = prepared.policy.dtype == "float64"
    assert prepared.in_force["engine"] == ("onnx.reference" if exact else "onnxruntime")
    assert prepared.in_force["device"] == "cpu"


def test_gradients_and_steps_are_not_claimed() -> None:
    assert get_backend("onnx").capabilities == {"eval", "train", "probes"}


def test_a_file_of_the_other_precision_is_refused(prepared: Prepared) -> None:
    other = {"float32": "float64", "float64": "float32"}[prepared.policy.dtype]
    get_backend("onnx").export(prepared.graph, prepared.source, prepared.weights, dtype=other)
    with pytest.raises(Unavailable, match=f"computes {other}"):
        prepared.network.infer({"input": sample(0)})


def test_a_missing_training_form_is_refused(prepared: Prepared) -> None:
    training_form(prepared.source).unlink()
    with pytest.raises(Unavailable, match=r"net-training\.onnx"):
        prepared.network.step(Batch({}, {}, ""), Update(0.1, 0.9, 0.0))
