"""Emit rules: a rule gets the bound operation and its `Site`, and writes the nodes that compute it.

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
from .tables import rules

__all__ = ["rules"]
