"""The canonical weights file of a network: drawn from a seed, or taken from another file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from resdsl.ir.graph import Graph
from resdsl.weights.arrays import Array
from resdsl.weights.initialize import draw_all
from resdsl.weights.names import layouts, load_weights
from resdsl.weights.store import write_weights


def arrays_of(
    graph: Graph, weights: str | Path | None = None, seed: int | None = None
) -> Iterable[tuple[str, Array]]:
    """Names and arrays in the network's order: those of a file, or drawn (seed 0 unless given)."""
    if weights is not None:
        return load_weights(weights, graph.weights).items()
    return draw_all(graph.weights, seed or 0)


def write_canonical(
    graph: Graph, path: str | Path, weights: str | Path | None = None, seed: int | None = None
) -> None:
    """Write them as one safetensors file. Raises `CompileError` where a file does not fit."""
    arrays = arrays_of(graph, weights, seed)
    metadata = {"model": graph.name}
    if weights is None:
        metadata["seed"] = str(seed or 0)
    write_weights(path, layouts(graph.weights), arrays, metadata)
