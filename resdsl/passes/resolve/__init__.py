"""Resolve: from the syntax tree of a file to its definitions, every name settled."""

from resdsl.passes.resolve.files import resolve

__all__ = ["resolve"]
