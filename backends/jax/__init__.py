"""The JAX backend: readable Flax NNX source, and the runtime that parity drives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from resdsl.codegen.backend import Backend
from resdsl.ir.graph import Graph

if TYPE_CHECKING:
    from resdsl.recipes.recipe import Recipe


def _emit(graph: Graph, *, probed: bool = False) -> str:
    from resdsl.codegen.python.module import write_module

    from .target import JaxTarget

    return write_module(graph, JaxTarget(), probed=probed)


def _emit_trainer(graph: Graph, recipe: Recipe) -> str:
    from .trainer import write_trainer

    return write_trainer(graph, recipe)


def _emit_distributed_trainer(graph: Graph, recipe: Recipe) -> str:
    from .trainer import write_trainer

    return write_trainer(graph, recipe, distributed=True)


def _launch(rank: int, addresses: Sequence[str], device: str) -> dict[str, str]:
    environment = {
        "JAX_COORDINATOR_ADDRESS": addresses[0],
        "JAX_NUM_PROCESSES": str(len(addresses)),
        "JAX_PROCESS_ID": str(rank),
    }
    return environment | ({"JAX_LOCAL_DEVICE_IDS": str(rank)} if device == "cuda" else {})


BACKEND = Backend(
    name="jax",
    title="JAX (Flax NNX)",
    file_suffix="_jax.py",
    extra="jax",
    requires=("jax", "flax", "optax", "numpy", "safetensors"),
    emit=_emit,
    emit_trainer=_emit_trainer,
    emit_distributed_trainer=_emit_distributed_trainer,
    group="resdsl.backends.jax.group:JaxGroup",
    launch=_launch,
    foreign="resdsl.backends.jax.foreign:JaxForeign",
    runtime="resdsl.backends.jax.runtime:JaxRuntime",
    builder="resdsl.backends.jax.live:build",
    masks="resdsl.backends.jax.masks:give",
    capabilities=frozenset({"eval", "train", "gradients", "steps", "probes"}),
)
