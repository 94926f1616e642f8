"""What one worker is to do, as the JSON file that it is started with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from resdsl.codegen.runtime import Policy, policy_to_json
from resdsl.files import write_text
from resdsl.recipes.recipe import Recipe
from resdsl.recipes.text import recipe_from_json, recipe_to_json
from resdsl.records import dataclass

#: What a worker is told, beside its plan, if a parent listens to it.
WATCHED = "--watched"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is trained: a model, and how a worker knows it.

    `network` and `recipe` are fingerprints: a checkpoint goes on in a run that has the same ones.
    `input_shape` is channels first, without the batch.
    """

    model: str
    class_name: str
    input_shape: tuple[int, ...]
    classes: int
    network: str
    recipe: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One backend's part of a run.

    `source` and `trainer` are generated files beside each other; `folder` is where the worker
    writes; it starts from canonical `weights`, or from `start`, a checkpoint of another run. A
    `distributed` trainer is run by one process or several, which share every batch.
    """

    backend: str
    subject: Subject
    recipe: Recipe
    policy: Policy
    source: Path
    trainer: Path
    weights: Path
    folder: Path
    start: Path | None = None
    distributed: bool = False
    compile: bool = False
    data_workers: int = 0
    log_every: int = 10
    checkpoint_every: int | None = None
    evaluate_every: int | None = None
    keep_last: int = 3
    stop_after: int | None = None

    @property
    def path(self) -> Path:
        """Where the plan is written."""
        return self.folder / "plan.json"


_PLAIN = (
    *("backend", "distributed", "compile", "data_workers", "log_every", "checkpoint_every"),
    *("evaluate_every", "keep_last", "stop_after"),
)
_PATHS = ("source", "trainer", "weights", "folder", "start")


def write_plan(plan: Plan, path: Path) -> None:
    """Write `plan` as JSON."""
    data: dict[str, Any] = {name: getattr(plan, name) for name in _PLAIN}
    for name in _PATHS:
        value = getattr(plan, name)
        data[name] = None if value is None else str(value)
    data["subject"] = subject_to_json(plan.subject)
    data["recipe"] = recipe_to_json(plan.recipe)
    data["policy"] = policy_to_json(plan.policy)
    write_text(path, json.dumps(data, indent=1) + "\n")


def read_plan(path: Path) -> Plan:
    """The inverse of `write_plan`."""
    data = json.loads(path.read_text(encoding="utf-8"))
    paths: dict[str, Any] = {n: None if data[n] is None else Path(data[n]) for n in _PATHS}
    return Plan(
        **{name: data[name] for name in _PLAIN},
        **paths,
        subject=subject_from_json(data["subject"]),
        recipe=recipe_from_json(data["recipe"]),
        policy=Policy(**data["policy"]),
    )


def subject_to_json(subject: Subject) -> dict[str, Any]:
    """As JSON can hold it."""
    return {
        "model": subject.model,
        "class": subject.class_name,
        "input": list(subject.input_shape),
        "classes": subject.classes,
        "network": subject.network,
        "recipe": subject.recipe,
    }


def subject_from_json(data: dict[str, Any]) -> Subject:
    """The inverse of `subject_to_json`."""
    return Subject(
        model=data["model"],
        class_name=data["class"],
        input_shape=tuple(data["input"]),
        classes=data["classes"],
        network=data["network"],
        recipe=data["recipe"],
    )
