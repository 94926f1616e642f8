"""A generated PyTorch file as a live model, for the Python API."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from safetensors.torch import load_file
from torch import nn


def build(module: ModuleType, model_class: type[nn.Module], weights: Path | None) -> nn.Module:
    """The model, in training mode as PyTorch leaves it."""
    model = model_class()
    if weights is not None:
        found = model.load_state_dict(load_file(weights), strict=False)
        # The counters of batches are PyTorch's own, and no canonical weight.
        missing = [k for k in found.missing_keys if not k.endswith(".num_batches_tracked")]
        if missing or found.unexpected_keys:
            raise KeyError(f"{weights} is not for this network: {missing + found.unexpected_keys}")
    return model
