"""What one worker is to do, as the JSON file that it is started with.

The batches are files beside it, the same for every worker; a trace made on another machine from
the same folder can be compared with one made here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from resdsl.codegen.runtime import Array, Batch, Facts, Policy, Update, policy_to_json
from resdsl.parity.facts import facts_from_json, facts_to_json
from resdsl.parity.perturb import moved
from resdsl.records import replace


@dataclass(frozen=True, slots=True)
class Probing:
    """The probed part of a run: which values it keeps, of which file, and in which of `MODES`.

    `record` keeps what flows. `force` goes on with the values of `reference`, the folder of a trace
    that has recorded them.
    """

    source: Path
    names: tuple[str, ...]
    modes: tuple[str, ...] = ("record",)
    reference: Path | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: a backend in one precision. `rates` has the learning rate of every step.

    Where `is_plain` is false, only its probed part is run. `moved` is the seed by which every input
    is moved by one spacing, where that is wanted.
    """

    backend: str
    policy: Policy
    facts: Facts
    source: Path
    weights: Path
    batches: Path
    trace: Path
    loss: str
    rates: tuple[float, ...]
    momentum: float
    decay: float
    probing: Probing | None = None
    is_plain: bool = True
    moved: int | None = None

    @property
    def name(self) -> str:
        """What the run is called: `torch-float64`."""
        return run_name(self.backend, self.policy.dtype, moved=self.moved is not None)

    @property
    def steps(self) -> int:
        return len(self.rates)

    @property
    def batch_size(self) -> int:
        """Samples of one step."""
        return len(self.batch(0).inputs[self.facts.inputs[0].name])

    def update(self, step: int) -> Update:
        """The numbers of one step of SGD, counted from 0."""
        return Update(self.rates[step], self.momentum, self.decay)

    def batch(self, step: int) -> Batch:
        """What one step sees, counted from 0."""
        batch = read_batch(self.batches, step, self.loss)
        if self.moved is None:
            return batch
        dtype, seed = self.policy.dtype, self.moved
        inputs = {name: moved(a, dtype, seed, step) for name, a in batch.inputs.items()}
        return replace(batch, inputs=inputs)


def run_name(backend: str, dtype: str, *, moved: bool = False) -> str:
    """Of a backend in one precision: `torch-float64`."""
    return f"{backend}-{dtype}-moved" if moved else f"{backend}-{dtype}"


def write_plan(plan: Plan, path: Path) -> None:
    """Write `plan` as JSON."""
    data: dict[str, Any] = {
        "backend": plan.backend,
        "policy": policy_to_json(plan.policy),
        "facts": facts_to_json(plan.facts),
        "source": str(plan.source),
        "weights": str(plan.weights),
        "batches": str(plan.batches),
        "trace": str(plan.trace),
        "loss": plan.loss,
        "rates": plan.rates,
        "momentum": plan.momentum,
        "decay": plan.decay,
        "probing": _probing_to_json(plan.probing),
        "plain": plan.is_plain,
        "moved": plan.moved,
    }
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")


def read_plan(path: Path) -> Plan:
    """The inverse of `write_plan`."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Plan(
        backend=data["backend"],
        policy=Policy(**data["policy"]),
        facts=facts_from_json(data["facts"]),
        source=Path(data["source"]),
        weights=Path(data["weights"]),
        batches=Path(data["batches"]),
        trace=Path(data["trace"]),
        loss=data["loss"],
        rates=tuple(data["rates"]),
        momentum=data["momentum"],
        decay=data["decay"],
        probing=_probing_from_json(data["probing"]),
        is_plain=data["plain"],
        moved=data["moved"],
    )


def _probing_to_json(probing: Probing | None) -> dict[str, Any] | None:
    if probing is None:
        return None
    return {
        "source": str(probing.source),
        "names": probing.names,
        "modes": probing.modes,
        "reference": None if probing.reference is None else str(probing.reference),
    }


def _probing_from_json(data: dict[str, Any] | None) -> Probing | None:
    if data is None:
        return None
    reference = data["reference"]
    return Probing(
        source=Path(data["source"]),
        names=tuple(data["names"]),
        modes=tuple(data["modes"]),
        reference=None if reference is None else Path(reference),
    )


def write_batch(folder: Path, step: int, batch: Batch) -> None:
    """Write one batch into the folder of batches."""
    parts = (("input", batch.inputs), ("target", batch.targets), ("mask", batch.masks))
    tensors = {
        f"{part}/{name}": np.ascontiguousarray(array)
        for part, arrays in parts
        for name, array in arrays.items()
    }
    save_file(tensors, _batch_file(folder, step))


def read_batch(folder: Path, step: int, loss: str) -> Batch:
    """The inverse of `write_batch`."""
    parts: dict[str, dict[str, Array]] = {"input": {}, "target": {}, "mask": {}}
    for key, array in load_file(_batch_file(folder, step)).items():
        part, _, name = key.partition("/")
        parts[part][name] = array
    return Batch(parts["input"], parts["target"], loss, parts["mask"])


def _batch_file(folder: Path, step: int) -> Path:
    return folder / f"batch-{step}.safetensors"
