"""What a comparison is asked to do, with the defaults of `resdsl parity`."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from resdsl.codegen.backend import Backend
from resdsl.codegen.runtime import Policy
from resdsl.diagnostics import error

DTYPES = ("float64", "float32", "bfloat16")
DEVICES = ("cpu", "cuda")
IMAGES = ("noise", "photographs")
BACKENDS = ("torch", "jax", "tensorflow", "onnx")


def default_workers() -> int:
    """Two frameworks side by side at most: each takes a gigabyte, and a core to compile."""
    return min(os.cpu_count() or 1, 2)


def missing_of(backend: Backend) -> list[str]:
    """The packages that a backend needs and that are not installed."""
    return [name for name in backend.requires if find_spec(name) is None]


def reference_of(backends: Mapping[str, Backend]) -> str:
    """What the others are compared with: PyTorch, else the first that trains, else the first."""
    if "torch" in backends:
        return "torch"
    trains = [name for name, backend in backends.items() if "steps" in backend.capabilities]
    return trains[0] if trains else next(iter(backends))


@dataclass(frozen=True, slots=True)
class Settings:
    """One comparison. `sources` replace generated files, by backend: hand-edited ones.

    `rate`, `momentum` and `decay` are SGD's, the rate falling along half a cosine. `tf32` lets
    float32 products on a GPU round their factors. `keep` is a folder for plans, generated files,
    batches and traces, which are otherwise removed at the end. `localize` says that a difference is
    traced to the operation that makes it, by more runs. `probe` asks for the values on the way:
    `all`, `blocks`, or a pattern over canonical paths.
    """

    backends: tuple[str, ...] = BACKENDS
    dtype: str = "float64"
    steps: int = 5
    batch: int = 4
    device: str = "cpu"
    tf32: bool = False
    images: str = "noise"
    seed: int = 0
    rate: float = 0.01
    momentum: float = 0.9
    decay: float = 1e-3
    weights: Path | None = None
    sources: Mapping[str, Path] = field(default_factory=dict)
    workers: int = field(default_factory=default_workers)
    keep: Path | None = None
    localize: bool = True
    probe: str | None = None

    @property
    def threads(self) -> int:
        """Of each worker: the processors shared out."""
        return max(1, (os.cpu_count() or 1) // self.workers)

    def policy(self, dtype: str) -> Policy:
        """How a run of this precision computes."""
        tf32 = self.tf32 and dtype == "float32"
        return Policy(dtype, self.device, self.threads, tf32=tf32)

    def check(self, least: int = 2) -> None:
        """Raise `CompileError` for what cannot be done, before anything is started; `least` is the
        number of backends that it takes."""
        self._check_choices()
        if len(set(self.backends)) != len(self.backends):
            raise error("R0601", "a backend is named twice")
        if len(self.backends) < least:
            raise error("R0601", "a comparison needs two backends or more", help=_ALL)
        for backend in self.sources:
            if backend not in self.backends:
                raise error(
                    "R0601",
                    f"there is a source for `{backend}`, which is not compared",
                    help=f"the backends are {', '.join(self.backends)}",
                )
        if self.dtype == "bfloat16" and "onnx" in self.backends:
            raise error(
                "R0601",
                "onnxruntime has no convolutions in bfloat16",
                help="`--backends torch,jax,tensorflow`, or `--dtype float32`",
            )
        for name, value, least in (
            ("steps", self.steps, 0),
            ("batch", self.batch, 1),
            ("workers", self.workers, 1),
            ("seed", self.seed, 0),
        ):
            if value < least:
                raise error("R0601", f"`{name}` is {value} and must be {least} or more")
        for name, number in (
            ("lr", self.rate),
            ("momentum", self.momentum),
            ("weight-decay", self.decay),
        ):
            if not (math.isfinite(number) and number >= 0):
                raise error("R0601", f"`{name}` is {number} and must be 0 or more")

    def _check_choices(self) -> None:
        for name, value, choices in (
            ("dtype", self.dtype, DTYPES),
            ("device", self.device, DEVICES),
            ("images", self.images, IMAGES),
        ):
            if value not in choices:
                raise error(
                    "R0601", f"`{name}` is `{value}`", help=f"it is one of {', '.join(choices)}"
                )

        if self.tf32 and (self.dtype, self.device) != ("float32", "cuda"):
            raise error(
                "R0601",
                f"TF32 is a way of multiplying float32 numbers on a GPU, and this is {self.dtype} "
                f"on {self.device}",
                help="`--dtype float32 --device cuda --tf32`",
            )

    def rates(self) -> list[float]:
        """The learning rate of every step: no two alike, none zero."""
        cosines = (math.cos(math.pi * k / self.steps) for k in range(self.steps))
        return [self.rate * (1 + cosine) / 2 for cosine in cosines]


_ALL = "`--backends torch,jax,tensorflow,onnx`"
