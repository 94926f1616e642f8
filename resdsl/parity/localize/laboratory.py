"""Has experiments carried out, in a worker that has the framework for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from resdsl.codegen.backend import get_backend
from resdsl.codegen.trial import trial_to_json
from resdsl.parity.localize.trials import Experiment
from resdsl.processes.pool import Job, Message, Pool

#: Whose operations are the third opinion: PyTorch's.
BACKEND = "torch"


def is_there() -> bool:
    """Whether the framework that trials need is installed."""
    return all(find_spec(name) is not None for name in get_backend(BACKEND).requires)


def carry_out(
    experiments: Sequence[Experiment], folder: Path, threads: int
) -> list[dict[str, Any]] | None:
    """The results of all experiments, in their order; `None` if they cannot be had."""
    if not experiments or not is_there():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    plan = folder / "trials.json"
    entries = [written(e, folder / f"trial-{i}.safetensors") for i, e in enumerate(experiments)]
    plan.write_text(json.dumps({"backend": BACKEND, "threads": threads, "entries": entries}))
    with Pool([Job("trials", "resdsl.parity.localize.worker", plan)], 1, _hear) as pool:
        ending = pool.join()["trials"]
    if ending.status:
        return None
    results: list[dict[str, Any]] = json.loads(plan.with_suffix(".results.json").read_text())
    return results


def _hear(name: str, message: Message) -> None:
    """Nobody watches: it takes a second or two."""


def written(experiment: Experiment, path: Path) -> dict[str, Any]:
    """Write the arrays of an experiment; returns what a worker is told of it."""
    arrays = {
        **experiment.arrays,
        "deviant": experiment.local.deviant,
        "right": experiment.local.right,
    }
    save_file({name: np.ascontiguousarray(a) for name, a in arrays.items()}, path)
    return entry(experiment, path)


def entry(experiment: Experiment, path: Path) -> dict[str, Any]:
    """What the worker is told of one experiment."""
    return {
        "arrays": str(path),
        "limit": experiment.local.limit,
        "trial": trial_to_json(experiment.trial),
        "attempts": [
            {
                "trial": trial_to_json(attempt.trial),
                "steps": attempt.steps,
                "fit": attempt.variant.fit,
                "starts": attempt.variant.starts,
            }
            for attempt in experiment.attempts
        ],
    }
