"""The ONNX backend: the graph of a network as an `.onnx` file, weights included.

ONNX has no classes, so the flat graph is its native form: one node (or a few) per operation of the
language, with the canonical paths and weight names. It is built straight from `ir.Graph`; no
framework takes part. Declaring the backend imports neither onnx nor numpy.

    builder    nodes, constants and names while the graph is written
    rules      one emit rule per operation (with pooling and norm beside it)
    export     `ir.Graph` to `GraphProto`, and the entry point `export`
    stream     the file itself, written tensor by tensor
    runtime    what parity drives
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from resdsl.codegen.backend import Backend
from resdsl.ir.graph import Graph

if TYPE_CHECKING:
    import numpy as np


def export(
    graph: Graph,
    path: Path,
    weights: Mapping[str, np.ndarray] | Iterable[tuple[str, np.ndarray]] | None = None,
    *,
    training: bool = False,
    batch: int | None = None,
    dtype: str = "float32",
    external_data: bool | None = None,
) -> None:
    """Write `graph` to `path`; see `export.export` for the options."""
    from .export import export as write

    write(
        graph,
        path,
        weights,
        training=training,
        batch=batch,
        dtype=dtype,
        external_data=external_data,
    )


BACKEND = Backend(
    name="onnx",
    title="ONNX",
    file_suffix=".onnx",
    extra="onnx",
    requires=("numpy", "onnx", "onnxruntime"),
    export=export,
    runtime="resdsl.backends.onnx.runtime:OnnxRuntime",
    capabilities=frozenset({"eval", "train", "probes"}),
)
