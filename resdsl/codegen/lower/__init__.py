"""Lowering: from resolved definitions to classes, with symbolic channels and strides.

Walks the definitions that a network uses, one class for each definition and choice of block
values, and looks facts up in the graph (ranks, sizes, whether a stride is a list).
"""

from resdsl.codegen.lower.dialect import Dialect
from resdsl.codegen.lower.module import lower

__all__ = ["Dialect", "lower"]
