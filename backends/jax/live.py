"""A generated Flax NNX file as a live model, for the Python API."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from flax import nnx


def build(module: ModuleType, model_class: type[nnx.Module], weights: Path | None) -> nnx.Module:
    """The model, in training mode as Flax leaves it."""
    if weights is None:
        return model_class(rngs=nnx.Rngs(0))
    # Abstract first: drawing a start that is thrown away takes longer than all the rest.
    model: nnx.Module = nnx.eval_shape(lambda: model_class(rngs=nnx.Rngs(0)))
    module.load_weights(model, str(weights))
    # What dropout draws from is still abstract, and is no weight.
    nnx.reseed(model, dropout=0)
    return model
