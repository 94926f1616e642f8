"""What a run is asked to do beside its network and its recipe, with the defaults of the command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from resdsl.diagnostics import error
from resdsl.records import dataclass, fields

DEVICES = ("cpu", "cuda")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is carried out. None of this is part of what the run computes.

    `checkpoint_every` and `evaluate_every` are steps, by default an epoch; `stop_after` is a step
    of the run, counted from its start. Without `deterministic`, kernels may be faster on a GPU, and
    no two runs have the same bits. `devices` share every batch, with a process for each of them,
    and `threads` are those of each process.
    """

    device: str = "cpu"
    devices: int = 1
    threads: int | None = None
    deterministic: bool = True
    compile: bool = False
    workers: int = 1
    data_workers: int = 0
    log_every: int = 10
    checkpoint_every: int | None = None
    evaluate_every: int | None = None
    keep_last: int = 3
    stop_after: int | None = None

    def to_json(self) -> dict[str, Any]:
        """What a resumed run takes over, with the threads that were used: all but `stop_after`."""
        said = {one.name: getattr(self, one.name) for one in fields(Settings)}
        del said["stop_after"]
        return {**said, "threads": self.share}

    @property
    def share(self) -> int:
        """Threads of each worker: as asked for, or the processors shared out."""
        return self.threads or max(1, (os.cpu_count() or 1) // (self.workers * self.devices))


@dataclass(frozen=True, slots=True)
class Start:
    """Where a new run begins: at weights drawn from the recipe's seed, at those of a file, or where
    the run that wrote a checkpoint was."""

    weights: Path | None = None
    checkpoint: Path | None = None


def check_backends(backends: tuple[str, ...]) -> None:
    """Raise `CompileError` unless each is named once."""
    if not backends or "" in backends:
        raise error("R0850", "no backend is named", help="`--backends torch,jax`")
    if len(set(backends)) != len(backends):
        raise error("R0850", "a backend is named twice")
