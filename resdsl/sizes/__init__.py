"""Sizes known at run time, and what can be said of them at compile time."""

from resdsl.sizes.answers import at_least_none, equal, is_void, typical
from resdsl.sizes.multiples import settling, with_multiples
from resdsl.sizes.size import (
    MOST_TERMS,
    Dim,
    Dimension,
    EndlessSize,
    Quotient,
    Size,
    UnknownSize,
    bounds,
    dimension,
    dimensions,
    total,
)
from resdsl.sizes.text import short

__all__ = [
    "MOST_TERMS",
    "Dim",
    "Dimension",
    "EndlessSize",
    "Quotient",
    "Size",
    "UnknownSize",
    "at_least_none",
    "bounds",
    "dimension",
    "dimensions",
    "equal",
    "is_void",
    "settling",
    "short",
    "total",
    "typical",
    "with_multiples",
]
