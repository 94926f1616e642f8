"""Elaborate: from a model and its arguments to a graph, with shapes, names and origins."""

from resdsl.passes.elaborate.entry import elaborate
from resdsl.passes.elaborate.expectations import check_expectations

__all__ = ["check_expectations", "elaborate"]
