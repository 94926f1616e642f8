"""The JAX backend: readable Flax NNX source, and the runtime that parity drives."""

from resdsl.codegen.backend import Backend
from resdsl.ir.graph import Graph


def _emit(graph: Graph) -> str:
    from resdsl.codegen.python.module import write_module

    from .target import JaxTarget

    return write_module(graph, JaxTarget())


BACKEND = Backend(
    name="jax",
    title="JAX (Flax NNX)",
    file_suffix="_jax.py",
    extra="jax",
    requires=("jax", "flax", "optax", "numpy", "safetensors"),
    emit=_emit,
    runtime="resdsl.backends.jax.runtime:JaxRuntime",
    builder="resdsl.backends.jax.live:build",
    capabilities=frozenset({"eval", "train", "gradients", "steps"}),
)
