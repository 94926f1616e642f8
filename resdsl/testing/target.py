"""What a test may write for a network and for settings, made into what parity takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resdsl.api import Model
from resdsl.diagnostics import error

if TYPE_CHECKING:
    from resdsl.ir.graph import Graph


def graph_of(
    target: str | os.PathLike[str] | Model,
    input: str | None,
    import_root: str | os.PathLike[str] | None,
) -> Graph:
    """The network to compare, with all sizes known."""
    if isinstance(target, Model):
        if input is not None or import_root is not None:
            raise TypeError("a model of `resdsl.load` has its input: give it there")
        if not target.graph.is_sized:
            raise error(
                "R0601",
                f"`{target.name}` leaves a size open, and numbers are compared",
                help='`resdsl.load("net.res", input=(3, 64, 64))`, or the name of its file',
            )
        return target.graph
    from resdsl.parity.inputs import load_network

    root = None if import_root is None else str(import_root)
    return load_network(str(target), (), input, root)


def paths_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings in which a text may stand for a path."""
    found = dict(settings)
    for name in ("weights", "keep"):
        if found.get(name) is not None:
            found[name] = Path(found[name])
    if "sources" in found:
        found["sources"] = {backend: Path(path) for backend, path in found["sources"].items()}
    return found
