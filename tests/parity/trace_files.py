"""Files of traces without a framework: random numbers where a network's would be."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from resdsl.codegen.backend import Backend
from resdsl.ir.graph import Graph
from resdsl.parity.facts import absorbed, facts_of
from resdsl.parity.perturb import rounded
from resdsl.parity.places import digest_of, places_of
from resdsl.parity.quantities import QUANTITIES
from resdsl.parity.session import Session
from resdsl.parity.settings import Settings
from resdsl.parity.trace import TraceWriter, shapes_of
from resdsl.parity.traces.description import describe, sources_of
from resdsl.parity.traces.pack import pack
from resdsl.weights.store import read_metadata

STEPS = 2
TRAINS = frozenset({"eval", "train", "gradients", "steps"})
POLICY: dict[str, Any] = {
    "versions": {"python": "3.11.7", "torch": "2.13.0"},
    "device": "cpu",
    "dtype": "float64",
    "threads": 1,
    "deterministic": True,
    "tf32 matmul": False,
    "tf32 conv": False,
}

Sections = dict[str, dict[str, np.ndarray]]


class Maker:
    """Writes traces of one network into a folder, all of the same numbers but for changes."""

    def __init__(self, graph: Graph, folder: Path) -> None:
        self.graph = graph
        self.folder = folder

    def arrays(self) -> Sections:
        generator = np.random.Generator(np.random.PCG64(0))
        return {
            section: {
                name: np.asarray(generator.standard_normal(shape))
                for name, shape in shapes_of(section, facts_of(self.graph), 4).items()
            }
            for quantity in QUANTITIES
            for section in quantity.sections(STEPS, True)
            if quantity.needs != "probes"
        }

    def description(self, backend: str, dtype: str, said: dict[str, Any]) -> dict[str, Any]:
        graph, places = self.graph, places_of(self.graph)
        session = Session(graph, Settings(steps=STEPS, dtype=dtype), {})
        sources = sources_of(places)
        assert graph.program is not None
        sources[graph.program.source.name] = digest_of(graph.program.source)
        return {
            **describe(
                Backend(backend, backend, "", "", (), capabilities=TRAINS),
                facts_of(graph),
                places,
                absorbed(graph),
                subject={**session.subject(), "moved": False},
                sources=sources,
                code={"sha256": "0" * 64, "given": False},
                digests={"weights": "1" * 64, "batches": "2" * 64},
                policy={**POLICY, "dtype": dtype},
                seconds={"eval forward": 0.5},
                notes=["a note"],
                written="2026-01-01T00:00:00+00:00",
            ),
            **said,
        }

    def trace(
        self,
        name: str,
        change: Callable[[Sections], None] | None = None,
        backend: str = "torch",
        dtype: str = "float64",
        rounding: float = 0.0,
        **said: Any,
    ) -> Path:
        """A trace; `said` stands in its description instead of what would."""
        sections = self.arrays()
        for section, arrays in sections.items():
            for key, array in arrays.items():
                scaled = np.asarray(array * (1 + rounding))
                stored = "float32" if dtype == "bfloat16" else dtype
                arrays[key] = scaled if section.startswith("loss") else scaled.astype(stored)
                if dtype == "bfloat16" and not section.startswith("loss"):
                    arrays[key] = rounded(arrays[key], dtype)
        if change is not None:
            change(sections)
        folder = self.folder / f"{name}-sections"
        writer = TraceWriter(folder)
        for section, arrays in sections.items():
            writer.section(section, arrays.items)
        path = self.folder / f"{name}.safetensors"
        pack(folder, self.description(backend, dtype, said), path)
        return path


def described(path: Path) -> dict[str, Any]:
    """What a trace says of itself."""
    description: dict[str, Any] = json.loads(read_metadata(path)["description"])
    return description


def rewritten(path: Path, metadata: dict[str, Any]) -> Path:
    """The same arrays under other metadata."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] = metadata
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])
    return path
