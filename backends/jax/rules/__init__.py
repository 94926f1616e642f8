"""Emit rules: each operation as a layer, as an item of a sequence, or as a function.

Items of `nnx.Sequential` are layers or plain functions, so an operation without state is there a
function of JAX, with `partial` where it takes arguments.

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
from .tables import APPLICATIONS, FUNCTIONS, LAYERS, Common

__all__ = ["APPLICATIONS", "FUNCTIONS", "LAYERS", "Common"]
