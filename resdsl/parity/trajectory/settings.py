"""What a trajectory is asked to do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from resdsl.diagnostics import error
from resdsl.records import dataclass

#: Relative error of a weight or of the loss, in float64, after however many steps.
LIMIT = 1e-9
#: How many times the reference's own noise another framework may be away from it, where it is
#: judged by that; in float64, where it has passed the limit too.
TIMES = 10.0
BACKENDS = ("torch", "jax", "tensorflow")


@dataclass(frozen=True, slots=True)
class Settings:
    """One comparison of trainers. `sources` replace trainer scripts, by backend.

    `floor` asks to judge by the noise floor, the reference once more from moved inputs. In float32
    it is always measured.
    `keep` is a folder for what is otherwise removed: generated files and workers' orders.
    """

    backends: tuple[str, ...] = BACKENDS
    steps: int = 200
    device: str = "cpu"
    weights: Path | None = None
    sources: Mapping[str, Path] = {}
    keep: Path | None = None
    floor: bool = False

    def check(self) -> None:
        """Raise `CompileError` for what cannot be done, before anything is started."""
        if self.steps < 1:
            raise error("R0601", "a trajectory needs one step or more", help="`--steps 200`")
        if len(set(self.backends)) != len(self.backends):
            raise error("R0601", "a backend is named twice")
        if len(self.backends) < 2:
            help = f"`--backends {','.join(BACKENDS)}`"
            raise error("R0601", "a comparison needs two backends or more", help=help)
        for backend, path in self.sources.items():
            if backend not in self.backends:
                raise error(
                    "R0601",
                    f"there is a source for `{backend}`, which is not compared",
                    help=f"the backends are {', '.join(self.backends)}",
                )
            if not path.is_file():
                raise error("R0602", f"there is no file `{path}`")

    @property
    def reference(self) -> str:
        """PyTorch if it is there, else the first."""
        return "torch" if "torch" in self.backends else self.backends[0]

    def threads(self, runs: int) -> int:
        """Of each worker: all run at the same time, and share the processors."""
        return max(1, (os.cpu_count() or 1) // runs)
