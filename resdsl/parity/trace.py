"""What one run computed: named arrays in safetensors files, and a JSON side that says how.

A trace is a folder. Each section (`eval`, `gradients`, `statistics-1`, ...) is a file of its own,
written tensor by tensor as soon as it is known and mapped into memory when it is compared, so that
neither side ever holds a network twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from resdsl.codegen.runtime import Array, Arrays, Facts
from resdsl.weights.store import ArrayLayout, read_weights, write_weights

SIDE = "trace.json"
#: What a probed run says of itself: which values it looked at, and whether it saw all of them.
PROBES = "probes.json"

#: Sections of a probed run that hold values on the way, or gradients by them.
VALUES = frozenset(
    {"values", "values-train", "gradients-values"}
    | {"forced", "forced-train", "forced-gradients-values"}
)

Shapes: TypeAlias = dict[str, tuple[int, ...]]


class Recorded(Protocol):
    """A trace that can be compared, a folder or a file."""

    @property
    def side(self) -> dict[str, Any] | None:
        """Policy in force, versions, times; `None` if the run did not end."""

    def section(self, name: str) -> Arrays | None:
        """The arrays of a section, mapped; `None` where there is none."""


class TraceWriter:
    """Writes the trace of one run. What an earlier run left in the folder is removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in ("*.safetensors", SIDE, PROBES):
            for old in folder.glob(pattern):
                old.unlink()

    def section(self, name: str, arrays: Callable[[], Iterable[tuple[str, Array]]]) -> None:
        """Write what a network gives, whatever it is: the comparison knows what it should be.

        Asked twice, for the header and for the bytes.
        """
        write_section(self._folder, name, arrays)

    def finish(self, side: dict[str, Any]) -> None:
        """Write the JSON side; a trace without one is not complete."""
        (self._folder / SIDE).write_text(json.dumps(side, indent=1), encoding="utf-8")


def write_section(
    folder: Path, name: str, arrays: Callable[[], Iterable[tuple[str, Array]]]
) -> None:
    """Write one section of the trace in a folder; the arrays are asked for twice."""
    layouts = [ArrayLayout(key, array.shape, str(array.dtype)) for key, array in arrays()]
    write_weights(folder / f"{name}.safetensors", layouts, arrays())


class Trace:
    """A trace on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def side(self) -> dict[str, Any] | None:
        """The JSON side: policy in force, versions, times; `None` if the run did not end."""
        path = self._folder / SIDE
        if not path.is_file():
            return None
        side: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return side

    @property
    def probes(self) -> dict[str, Any] | None:
        """What the probed run says: `names`, `modes`, and whether all were seen (`complete`)."""
        path = self._folder / PROBES
        if not path.is_file():
            return None
        probes: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return probes

    def section(self, name: str) -> Arrays | None:
        """The arrays of a section, mapped; `None` where there is none."""
        path = self._folder / f"{name}.safetensors"
        return read_weights(path) if path.is_file() else None


def shapes_of(section: str, facts: Facts, batch: int) -> Shapes:
    """What a section holds when nothing is left out."""
    if section in VALUES:
        return {v.name: (batch, *v.shape) for v in facts.values}
    kind = section.removeprefix("forced-").partition("-")[0]
    match kind:
        case "eval" | "train" | "after":
            return {o.name: (batch, *o.shape) for o in facts.outputs}
        case "statistics":
            return {w.name: w.shape for w in facts.weights if not w.trainable}
        case "gradients" | "parameters":
            return {w.name: w.shape for w in facts.weights if w.trainable}
        case "loss":
            return {"loss": ()}
    raise ValueError(f"no section is called {section}")
