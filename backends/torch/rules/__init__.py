"""Emit rules: each operation as a layer, as a module in a sequence, or as a function.

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
