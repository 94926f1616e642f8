"""The TensorFlow backend: readable Keras 3 source, and the runtime that parity drives."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
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


def _emit_distributed_trainer(graph: Graph, recipe: Recipe) -> str:
    from .trainer import write_trainer

    return write_trainer(graph, recipe, distributed=True)


def _launch(rank: int, addresses: Sequence[str], device: str) -> dict[str, str]:
    own = {"type": "worker", "index": rank}
    config = {"TF_CONFIG": json.dumps({"cluster": {"worker": list(addresses)}, "task": own})}
    if device != "cuda":
        return config
    # A process has all GPUs that it sees.
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    return config | {"CUDA_VISIBLE_DEVICES": seen.split(",")[rank] if seen else str(rank)}


BACKEND = Backend(
    name="tensorflow",
    title="TensorFlow",
    file_suffix="_tensorflow.py",
    extra="tensorflow",
    requires=("tensorflow", "keras", "numpy", "safetensors"),
    emit=_emit,
    emit_trainer=_emit_trainer,
    emit_distributed_trainer=_emit_distributed_trainer,
    group="resdsl.backends.tensorflow.group:TensorFlowGroup",
    launch=_launch,
    # "Collectives are not yet implemented for CPU devices when compiling with XLA."
    compiles_exchange=False,
    foreign="resdsl.backends.tensorflow.foreign:TensorFlowForeign",
    runtime="resdsl.backends.tensorflow.runtime:TensorFlowRuntime",
    builder="resdsl.backends.tensorflow.live:build",
    masks="resdsl.backends.tensorflow.masks:give",
    capabilities=frozenset({"eval", "train", "gradients", "steps", "probes"}),
)
