"""The TensorFlow backend: readable Keras 3 source, and the runtime that parity drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl.codegen.backend import Backend
from resdsl.ir.graph import Graph

if TYPE_CHECKING:
    from resdsl.recipes.recipe import Recipe


def _emit(graph: Graph, *, probed: bool = False) -> str:
    from resdsl.codegen.python.module import write_module

    from .target import KerasTarget

    return write_module(graph, KerasTarget(), probed=probed)


def _emit_trainer(graph: Graph, recipe: Recipe) -> str:
    from .trainer import write_trainer

    return write_trainer(graph, recipe)


BACKEND = Backend(
    name="tensorflow",
    title="TensorFlow",
    file_suffix="_tensorflow.py",
    extra="tensorflow",
    requires=("tensorflow", "keras", "numpy", "safetensors"),
    emit=_emit,
    emit_trainer=_emit_trainer,
    foreign="resdsl.backends.tensorflow.foreign:TensorFlowForeign",
    runtime="resdsl.backends.tensorflow.runtime:TensorFlowRuntime",
    builder="resdsl.backends.tensorflow.live:build",
    masks="resdsl.backends.tensorflow.masks:give",
    capabilities=frozenset({"eval", "train", "gradients", "steps", "probes"}),
)
