"""A generated Flax NNX file as a live model, for the Python API."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from flax import nnx


def build(module: ModuleType, model_class: type[nnx.Module], weights: Path | None) -> nnx.Module:
    """The model, in training mode as Flax leaves it."""
    if weights is None:
        return model_class(rngs=nnx.Rngs(0))
    model: nnx.Module = module.load(str(weights))
    return model
