"""What parity drives: an exported network in onnxruntime or in ONNX's reference evaluator.

onnxruntime computes float32, with its optimizations off, so that what runs is the graph as it was
written. It has no float64 convolution; the reference evaluator, which is ONNX's definition in
NumPy, computes float64. ONNX has no gradients: of training, the forward pass and the new running
statistics are computed, from the training form that lies beside the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator

from resdsl.codegen.runtime import (
    Array,
    Arrays,
    Batch,
    Facts,
    Outcome,
    Policy,
    Unavailable,
    Update,
    training_form,
)
from resdsl.records import dataclass
from resdsl.weights.store import read_weights

if TYPE_CHECKING:
    from .probes import ProbedOnnxNetwork


#: Bytes of one message of the format, at most.
LARGEST = 2**31


class OnnxRuntime:
    """Loads networks; stateless but for onnxruntime's own settings."""

    def apply(self, policy: Policy) -> dict[str, Any]:
        exact = policy.dtype == "float64"
        modules = (onnx, np) if exact else (onnx, onnxruntime)
        cuda = _device(policy) == "cuda"
        found = {
            "versions": {module.__name__: module.__version__ for module in modules},
            "engine": "onnx.reference" if exact else "onnxruntime",
            "device": _device(policy),
            "dtype": policy.dtype,
            # NumPy adds on one thread and multiplies matrices on those that OpenMP gives it.
            "threads": policy.threads,
            "deterministic": policy.deterministic or not cuda,
        }
        if cuda:
            found["tf32 matmul"] = found["tf32 conv"] = policy.tf32
            found["cudnn benchmark"] = not policy.deterministic
        if not exact:
            found["denormals"] = "flushed" if policy.flush_denormals else "kept"
            found["graph optimizations"] = False
        return found

    def load(self, source: Path, facts: Facts, weights: Path, policy: Policy) -> OnnxNetwork:
        return OnnxNetwork(source, facts, policy, read_weights(weights))

    def load_probed(
        self, source: Path, facts: Facts, weights: Path, policy: Policy
    ) -> ProbedOnnxNetwork:
        from .probes import ProbedOnnxNetwork

        return ProbedOnnxNetwork(source, facts, policy, read_weights(weights))


def training_file(source: Path) -> Path:
    """The training form beside a graph. Raises `Unavailable` where there is none."""
    path = training_form(source)
    if not path.is_file():
        raise Unavailable(f"there is no training form `{path.name}` beside `{source.name}`")
    return path


def _device(policy: Policy) -> str:
    """Where it will run: the reference evaluator and the usual onnxruntime know only the CPU."""
    cuda = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    return "cuda" if policy.device == "cuda" and policy.dtype == "float32" and cuda else "cpu"


@dataclass(frozen=True, slots=True)
class OnnxNetwork:
    """A network as its two files say, with its weights as they now are.

    A graph is read for every use and forgotten, since each is used once or twice, and the weights
    of a large network in float64 are not worth having twice.
    """

    source: Path
    facts: Facts
    policy: Policy
    weights: dict[str, Array]

    def infer(self, inputs: Arrays) -> Arrays:
        return self._outputs(self._run(self.source, inputs))

    def step(self, batch: Batch, update: Update) -> Outcome:
        path = training_file(self.source)
        masks = {f"{layer}.mask": mask for layer, mask in batch.masks.items()}
        found = self._run(path, {**batch.inputs, **masks})
        for name in self.facts.statistics:
            self.weights[name] = found[f"{name}/new"]
        return Outcome(self._outputs(found), None)

    def _outputs(self, found: Arrays) -> Arrays:
        """Outputs come first, in order; one that is called like an input has another name here."""
        return dict(
            zip((output.name for output in self.facts.outputs), found.values(), strict=False)
        )

    def state(self, names: frozenset[str]) -> Iterator[tuple[str, Array]]:
        for weight in self.facts.weights:
            if weight.name in names:
                yield weight.name, np.asarray(self.weights[weight.name], self.policy.dtype)

    def _run(
        self,
        path: Path,
        inputs: Arrays,
        change: Callable[[onnx.ModelProto], None] | None = None,
        more: Arrays | None = None,
    ) -> dict[str, Array]:
        """All outputs of a graph. Weights that it takes as inputs are given, as they now are.

        With `change` the graph is another before it runs, with `more` for its inputs.
        """
        exact = self.policy.dtype == "float64"
        model = onnx.load(path)
        kind = model.graph.input[0].type.tensor_type.elem_type
        dtype = onnx.helper.tensor_dtype_to_np_dtype(kind).name
        if dtype != self.policy.dtype:
            raise Unavailable(f"`{path.name}` computes {dtype}, not {self.policy.dtype}")
        if change is not None:
            change(model)
        graph = path if change is None else model
        engine = _reference(model) if exact else _onnxruntime(graph, self.policy)
        given = {name: self.weights[name] for name in engine.inputs if name in self.weights}
        feed = {
            n: np.asarray(x, self.policy.dtype)
            for n, x in {**given, **inputs, **(more or {})}.items()
        }
        return dict(zip(engine.outputs, engine.run(None, feed), strict=True))


@dataclass(frozen=True, slots=True)
class _Engine:
    """A graph ready to run, and the names of what it takes and leaves."""

    inputs: list[str]
    outputs: list[str]
    run: Callable[[None, dict[str, Array]], list[Array]]


def _reference(model: onnx.ModelProto) -> _Engine:
    evaluator = ReferenceEvaluator(model)
    return _Engine(evaluator.input_names, evaluator.output_names, evaluator.run)


def _onnxruntime(graph: Path | onnx.ModelProto, policy: Policy) -> _Engine:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = policy.threads
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = policy.deterministic
    # Of the whole process, as the first session says.
    flush = "1" if policy.flush_denormals else "0"
    options.add_session_config_entry("session.set_denormal_as_zero", flush)
    options.log_severity_level = 3  # it warns of every statistic that is an input and initializer
    if isinstance(graph, onnx.ModelProto) and graph.ByteSize() >= LARGEST:
        raise Unavailable(
            "a graph with more than 2 GiB of weights cannot be changed for its probes"
        )
    source = str(graph) if isinstance(graph, Path) else graph.SerializeToString()
    session = onnxruntime.InferenceSession(source, options, providers=[_provider(policy)])
    inputs = [*session.get_inputs(), *session.get_overridable_initializers()]
    outputs = [value.name for value in session.get_outputs()]
    return _Engine([value.name for value in inputs], outputs, session.run)


def _provider(policy: Policy) -> str | tuple[str, dict[str, str]]:
    """Where a session runs; TF32 would be on by itself, and kernels chosen by the clock."""
    if _device(policy) == "cpu":
        return "CPUExecutionProvider"
    search = "HEURISTIC" if policy.deterministic else "EXHAUSTIVE"
    settings = {"use_tf32": str(int(policy.tf32)), "cudnn_conv_algo_search": search}
    return "CUDAExecutionProvider", settings
