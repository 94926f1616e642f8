"""Emit rules: each operation as a layer, as a module in a sequence, or as a function.

One module for each family of operations fills the tables in `tables`.
"""

from . import activations, convolutions, joins, norms, pools, shapes, stochastic  # noqa: F401  (they fill the tables)
from .tables import FUNCTIONS, ITEMS, LAYERS

__all__ = ["FUNCTIONS", "ITEMS", "LAYERS"]
