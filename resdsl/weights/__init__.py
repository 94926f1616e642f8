"""Canonical weights: drawn from the declared distributions, stored as safetensors, checked by name.

The first package on the way up that needs NumPy; `resdsl check` never imports it.
"""

from resdsl.weights.initialize import draw, draw_all
from resdsl.weights.names import check_names, layouts, load_weights
from resdsl.weights.store import ArrayLayout, read_metadata, read_weights, write_weights

__all__ = [
    "ArrayLayout",
    "check_names",
    "draw",
    "draw_all",
    "layouts",
    "load_weights",
    "read_metadata",
    "read_weights",
    "write_weights",
]
