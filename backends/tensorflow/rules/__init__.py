"""Emit rules: each operation as a layer, as an item of a sequence, or as a function. Images are
channels last.

One module for each family of operations fills the tables in `tables`.
"""

from . import (  # noqa: F401  (they fill the tables)
    activations,
    attention,
    convolutions,
    joins,
    norms,
    pools,
    resize,
    scalars,
    sequence,
    shapes,
    stochastic,
)
from .tables import FUNCTIONS, ITEMS, LAYERS

__all__ = ["FUNCTIONS", "ITEMS", "LAYERS"]
