"""The TensorFlow backend: readable Keras 3 source, and the runtime that parity drives."""

from resdsl.codegen.backend import Backend
from resdsl.ir.graph import Graph


def _emit(graph: Graph) -> str:
    from resdsl.codegen.python.module import write_module

    from .target import KerasTarget

    return write_module(graph, KerasTarget())


BACKEND = Backend(
    name="tensorflow",
    title="TensorFlow",
    file_suffix="_tensorflow.py",
    extra="tensorflow",
    requires=("tensorflow", "keras", "numpy", "safetensors"),
    emit=_emit,
    runtime="resdsl.backends.tensorflow.runtime:TensorFlowRuntime",
    builder="resdsl.backends.tensorflow.live:build",
    capabilities=frozenset({"eval", "train", "gradients", "steps"}),
)
