"""Emit rules: a rule gets the bound operation and its `Site`, and writes the nodes that compute it.

One module for each family of operations fills the tables in `tables`.
"""

from . import activations, convolutions, joins, norms, pools, shapes, stochastic  # noqa: F401  (they fill the tables)
from .tables import rules

__all__ = ["rules"]
