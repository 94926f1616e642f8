"""Attributes of `nnx.Module` and `nnx.Sequential` that no layer may be called.

Names that begin with `_` are all taken to be the framework's.
"""

MEMBERS = frozenset(
    {"eval", "iter_children", "iter_modules", "perturb", "set_attributes", "sow", "train"}
)
