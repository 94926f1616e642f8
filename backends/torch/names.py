"""Canonical names of what a PyTorch module holds."""

from __future__ import annotations


def canonical(name: str) -> str:
    """The canonical name of a layer or weight: an attribute ends in `_` where PyTorch or Python has
    taken it."""
    return ".".join(part.rstrip("_") for part in name.split("."))
