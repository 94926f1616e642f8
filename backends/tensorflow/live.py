"""A generated Keras 3 file as a live model, for the Python API."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any


def build(module: ModuleType, model_class: type[Any], weights: Path | None) -> Any:
    """The model; Keras makes its variables at the first call, or when weights are loaded."""
    model = model_class()
    if weights is not None:
        module.load_weights(model, str(weights))
    return model
