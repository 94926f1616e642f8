"""What a worker is to do, and the files in which it hands over its steps.

A worker writes one file a step and waits while `AHEAD` of them are unread; the parent reads a step
once all runs have it, and removes it. So memory and disk stay bounded, however long the run.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from resdsl.codegen.runtime import Array, Facts
from resdsl.files import write_text
from resdsl.parity.facts import facts_from_json, facts_to_json
from resdsl.records import dataclass

#: Files of steps that a worker writes before it waits for the parent.
AHEAD = 3
LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Orders:
    """One run: `plan` is the file of a training plan, `facts` are of its network. In a `moved` run
    every input is one ulp off, up or down by the toss of a coin."""

    plan: Path
    steps: int
    folder: Path
    moved: bool
    facts: Facts


def write_orders(orders: Orders, path: Path) -> None:
    """Write them as JSON."""
    data = {
        "plan": str(orders.plan),
        "steps": orders.steps,
        "folder": str(orders.folder),
        "moved": orders.moved,
        "facts": facts_to_json(orders.facts),
    }
    write_text(path, json.dumps(data, indent=1) + "\n")


def read_orders(path: Path) -> Orders:
    """The inverse of `write_orders`."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Orders(
        Path(data["plan"]),
        data["steps"],
        Path(data["folder"]),
        data["moved"],
        facts_from_json(data["facts"]),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """What one step left behind: the loss, and the trainer's state without its counter."""

    loss: float
    state: dict[str, Array]


def write_step(folder: Path, number: int, loss: float, state: dict[str, Array]) -> None:
    """Write a step, counted from 1; the file is there once it is whole."""
    tensors = {f"state/{n}": np.ascontiguousarray(a) for n, a in state.items() if n != "step"}
    tensors[LOSS] = np.array([loss], np.float64)
    path = step_file(folder, number)
    unfinished = path.with_suffix(".part")
    save_file(tensors, unfinished)
    os.replace(unfinished, path)  # noqa: PTH105


def take_step(folder: Path, number: int) -> Step:
    """Read a step and remove its file."""
    path = step_file(folder, number)
    tensors = load_file(path)
    path.unlink()
    loss = float(tensors.pop(LOSS)[0])
    return Step(loss, {name.removeprefix("state/"): array for name, array in tensors.items()})


def step_file(folder: Path, number: int) -> Path:
    """Where a step is, counted from 1."""
    return folder / f"step-{number}.safetensors"


def unread(folder: Path) -> int:
    """How many steps nobody has taken."""
    return sum(1 for _ in folder.glob("step-*.safetensors"))
