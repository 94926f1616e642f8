"""What parity asks of a backend's runtime: NumPy in and out, channels first, canonical names.

Stands beside `Backend`, below the backends that implement it. A runtime lives in a worker process
of its own; everything it needs to know about the network comes as `Facts`, plain data made from
the graph, so that no worker parses a `.res` file.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from resdsl.records import dataclass, field, fields

if TYPE_CHECKING:
    import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"
Arrays: TypeAlias = "Mapping[str, np.ndarray[Any, Any]]"
#: Ones and zeros for a dropout, by its name in `Facts.dropouts` and the number of samples: each
#: time that it is asked, in canonical layout.
MaskSource: TypeAlias = "Callable[[str, int], np.ndarray[Any, Any]]"


class Unavailable(Exception):
    """Something this machine or this file does not have; the message is for the user."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@dataclass(frozen=True, slots=True)
class Policy:
    """How numbers are to be computed; `device` is `cpu` or `cuda`.

    `deterministic` asks for kernels that give the same bits in every run, which are slower on a
    GPU. `tf32` lets float32 products round their factors to 10 bits, in matrix products and in
    convolutions. With `exact_rounding`, bfloat16 is rounded where an operation ends and nowhere
    else: XLA would leave out some between the operations that it fuses, and cuBLAS add some inside
    of sums. `flush_denormals` takes numbers too small to be normal for zero, on the CPU: JAX and
    TensorFlow always do.
    """

    dtype: str
    device: str = "cpu"
    threads: int = 1
    deterministic: bool = True
    tf32: bool = False
    exact_rounding: bool = True
    flush_denormals: bool = True


def policy_to_json(policy: Policy) -> dict[str, Any]:
    """As JSON can hold it; `Policy(**data)` is the inverse."""
    return {f.name: getattr(policy, f.name) for f in fields(policy)}


@dataclass(frozen=True, slots=True)
class WeightFact:
    """One array of the network. `trainable` is false for running statistics."""

    name: str
    shape: tuple[int, ...]
    trainable: bool


@dataclass(frozen=True, slots=True)
class TensorFact:
    """An input, an output, or a layer that draws masks: its name, and the shape of one sample."""

    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a worker knows about the network.

    `class_name` is the model's class in the source file, `dropouts` the layers whose masks are
    given, by canonical path, with their rates in `rates`. A layer that runs again is there once
    more for every time, as `path@1`, `path@2`.

    `values` are the results of all operations in the order of their making, by canonical path
    (`path#1` for a second result). `sites` has the paths of the operations that one place of the
    generated code runs, in order, by `Node.site`.
    """

    model: str
    class_name: str
    inputs: tuple[TensorFact, ...]
    outputs: tuple[TensorFact, ...]
    weights: tuple[WeightFact, ...]
    dropouts: tuple[TensorFact, ...] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    values: tuple[TensorFact, ...] = ()
    sites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def masked(self) -> dict[str, list[str]]:
        """The layers that draw masks, and the names of their masks in the order of their runs."""
        found: dict[str, list[str]] = {}
        for fact in self.dropouts:
            found.setdefault(fact.name.partition("@")[0], []).append(fact.name)
        return found

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of what training changes by gradients, in the network's order."""
        return tuple(w.name for w in self.weights if w.trainable)

    @property
    def statistics(self) -> tuple[str, ...]:
        """Names of the running statistics, in the network's order."""
        return tuple(w.name for w in self.weights if not w.trainable)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one training step sees.

    `loss` names the loss: `cross_entropy` (targets are probabilities, one row a sample) or
    `mean_square`. `masks` hold ones and zeros for each dropout, by canonical path.
    """

    inputs: Arrays
    targets: Arrays
    loss: str
    masks: Arrays = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """One step of SGD, PyTorch's: `d = g + decay * p; b = momentum * b + d; p -= rate * b`."""

    rate: float
    momentum: float
    decay: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a training step computed, before its update; `gradients` copies them when called."""

    outputs: Arrays
    loss: float | None
    gradients: Callable[[], Iterator[tuple[str, Array]]] | None = None


class Network(Protocol):
    """A network on its device, with its weights."""

    def infer(self, inputs: Arrays) -> Arrays:
        """Outputs in evaluation mode, by name."""

    def step(self, batch: Batch, update: Update) -> Outcome:
        """One training step. The state stays on the device.

        A backend without gradients computes the forward pass and the statistics after it, and
        ignores the update.
        """

    def state(self, names: frozenset[str]) -> Iterator[tuple[str, Array]]:
        """The weights of these names as they now are, in canonical layout."""


class Runtime(Protocol):
    """What `Backend.runtime` names: built without arguments in the worker."""

    def apply(self, policy: Policy) -> dict[str, Any]:
        """Set the policy before any tensor exists; returns what is in force, read back.

        What several frameworks have is called alike: `device`, `dtype`, `threads`,
        `deterministic`, `tf32 matmul`, `tf32 conv`, `excess precision`, `denormals`,
        `cudnn benchmark`. What a framework has not is left out.
        """

    def load(self, source: Path, facts: Facts, weights: Path, policy: Policy) -> Network:
        """The network of a generated file with the weights of a canonical safetensors file."""


def add_xla_flag(flag: str) -> None:
    """Set a flag of XLA, which reads them when its first device is asked for; the last one wins."""
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flag}".strip()


def denormals(half: float) -> str:
    """Of what half of the smallest normal number came to, whether denormals are in use."""
    return "flushed" if half == 0 else "kept"


def import_file(path: Path, name: str) -> ModuleType:
    """Import a Python file, wherever it lies, as the module `name`."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise Unavailable(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def model_class(module: ModuleType, class_name: str) -> Any:
    """The class of the model in a generated module."""
    # It comes last, and is called `DenseModel` where `Dense` is taken.
    names = [n for n in vars(module) if n in (class_name, f"{class_name}Model")]
    if not names:
        file = Path(str(module.__file__)).name
        raise Unavailable(
            f"{file} has no class `{class_name}`", "the model's class keeps its generated name"
        )
    return getattr(module, names[-1])


def load_source(path: Path, class_name: str) -> tuple[ModuleType, Any]:
    """Import a generated file; returns its module and its model's class."""
    module = import_file(path, f"resdsl_source_{path.stem}")
    return module, model_class(module, class_name)


def versions_of(requires: Iterable[str], in_force: Mapping[str, Any]) -> dict[str, str]:
    """Versions of everything that took part: Python, packages, and what a runtime reports."""
    found = {"python": platform.python_version()}
    for name in requires:
        version = getattr(importlib.import_module(name), "__version__", None)
        if version is not None:
            found[name] = str(version)
    found.update(in_force.get("versions", {}))
    return found


def training_form(source: Path) -> Path:
    """Where the training form of a binary target lies: `net-training.onnx` beside `net.onnx`."""
    return source.with_name(f"{source.stem}-training{source.suffix}")
