"""Checkpoints: the whole state of a run in one safetensors file, from which it goes on bit by bit.

The arrays are the trainer's, under canonical names and in canonical layout, the same from every
framework; where the data stands follows from the step. What else belongs to the state is JSON in
the file's header, with a digest of the arrays: a file that was damaged after it was written is
found when it is read. Files are on the disk before they get their name, so that a run that is
killed while it writes leaves the older ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from resdsl.diagnostics import CompileError, Diagnostic, Severity, error
from resdsl.records import dataclass, field
from resdsl.training.plan import Subject
from resdsl.weights.arrays import Array
from resdsl.weights.store import ArrayLayout, read_metadata, read_weights, write_weights

State = dict[str, Array]

#: The key of the header that holds our JSON.
HEADER = "resdsl checkpoint"
#: Counted up when an older version could no longer go on from a file.
FORMAT = 1
BEST = "best.safetensors"


@dataclass(frozen=True, slots=True)
class Best:
    """The highest test accuracy so far, and when it was reached."""

    step: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What belongs to a run's state beside its arrays.

    `evaluated` is the last step behind which the test samples were run. `meter` is what the meter
    of the loss holds of the steps since the last line of the log. `seconds` were spent so far.
    """

    step: int
    total: int
    backend: str
    evaluated: int = 0
    best: Best | None = None
    meter: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One that was read: its arrays and its facts."""

    path: Path
    state: State
    facts: Facts


def write_checkpoint(path: Path, state: State, facts: Facts, subject: Subject) -> None:
    """Write one, durably."""
    said = {
        "format": FORMAT,
        "model": subject.model,
        "network": subject.network,
        "recipe": subject.recipe,
        "step": facts.step,
        "total": facts.total,
        "backend": facts.backend,
        "evaluated": facts.evaluated,
        "best": facts.best and {"step": facts.best.step, "accuracy": facts.best.accuracy},
        "meter": dict(facts.meter),
        "seconds": facts.seconds,
        "digest": digest(state),
    }
    layouts = [ArrayLayout(name, a.shape, a.dtype.name) for name, a in state.items()]
    write_weights(path, layouts, state.items(), {HEADER: json.dumps(said)}, durable=True)


def read_checkpoint(path: Path, subject: Subject) -> Checkpoint:
    """Read one.

    Raises `CompileError` where it is damaged (`R0854`) or of another network or recipe (`R0855`).
    """
    said = read_header(path)
    _expect_same(path, said, subject)
    try:
        state = read_weights(path)
    except CompileError as problem:
        raise _damaged(path, problem.diagnostics[0].message) from None
    if said.get("digest") != digest(state):
        raise _damaged(path, "its arrays are no longer those that were written")
    try:
        return Checkpoint(path, state, _facts(said))
    except (KeyError, TypeError, ValueError):
        raise _damaged(path, "its header lacks what a checkpoint says") from None


def read_header(path: Path) -> dict[str, Any]:
    """What a checkpoint says about itself. Raises `CompileError` where it is none."""
    try:
        text = read_metadata(path).get(HEADER)
    except CompileError as problem:
        raise _damaged(path, problem.diagnostics[0].message) from None
    try:
        said = json.loads(text or "null")
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise _damaged(path, "it has no header of a checkpoint")
    return said


def _facts(said: Mapping[str, Any]) -> Facts:
    best = said["best"]
    return Facts(
        step=int(said["step"]),
        total=int(said["total"]),
        backend=said["backend"],
        evaluated=int(said["evaluated"]),
        best=None if best is None else Best(int(best["step"]), float(best["accuracy"])),
        meter=dict(said["meter"]),
        seconds=float(said["seconds"]),
    )


def _expect_same(path: Path, said: Mapping[str, Any], subject: Subject) -> None:
    if said.get("network") != subject.network:
        raise error(
            "R0855",
            f"`{path}` is a checkpoint of another network than `{subject.model}` here",
            notes=[f"it was written for `{said.get('model')}`, network {said.get('network')}"],
            help="`--weights` starts a new run from the weights of any file that fits",
        )
    if said.get("recipe") != subject.recipe:
        raise error(
            "R0855",
            f"`{path}` is a checkpoint of a run with another recipe",
            notes=["a run goes on with the recipe, the precision and the seed that it began with"],
            help="`--weights` starts a new run from its weights",
        )


def _damaged(path: Path, why: str) -> CompileError:
    return error("R0854", f"`{path}` is no checkpoint that can be read", notes=[why])


def digest(state: Mapping[str, Array]) -> str:
    """Of names, types, shapes and bytes of all arrays, in their order."""
    found = hashlib.sha256()
    for name, array in state.items():
        found.update(f"{name} {array.dtype.name} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()


class Checkpoints:
    """The checkpoints of one backend's run: the last `keep`, and the best.

    Of several processes one `writes`, the others but read.
    """

    def __init__(self, folder: Path, keep: int, subject: Subject, writes: bool = True) -> None:
        self._folder = folder
        self._keep = keep
        self._subject = subject
        self._writes = writes

    def write(self, state: State, facts: Facts) -> Path:
        """One more; the oldest beyond those to keep is removed once it is written."""
        path = self._folder / f"step-{facts.step:08d}.safetensors"
        if not self._writes:
            return path
        write_checkpoint(path, state, facts, self._subject)
        for old in self._numbered()[: -self._keep]:
            old.unlink(missing_ok=True)
        return path

    def write_best(self, state: State, facts: Facts) -> Path:
        """The best so far, in the place of the best before."""
        path = self._folder / BEST
        if self._writes:
            write_checkpoint(path, state, facts, self._subject)
        return path

    def latest(self) -> tuple[Checkpoint | None, list[Diagnostic]]:
        """The newest that can be read, and a warning for each that was passed over.

        Raises `CompileError` if there are some and none can be read. What a killed run left
        unfinished is removed.
        """
        for temporary in self._folder.glob(".resdsl-*.tmp") if self._writes else ():
            temporary.unlink(missing_ok=True)
        warnings: list[Diagnostic] = []
        for path in self._by_age():
            try:
                return read_checkpoint(path, self._subject), warnings
            except CompileError as problem:
                warnings += [_passed_over(d) for d in problem.diagnostics]
        if warnings:
            raise error(
                "R0854",
                f"no checkpoint of `{self._folder}` can be read",
                notes=[note for w in warnings for note in (w.message, *w.notes)],
                help="start a new run, with another `-o`",
            )
        return None, []

    def last_path(self) -> Path | None:
        """The newest by its name."""
        return next(iter(reversed(self._numbered())), None)

    def _numbered(self) -> list[Path]:
        return sorted(self._folder.glob("step-*.safetensors"))

    def _by_age(self) -> Iterable[Path]:
        """The newest first. The best is a checkpoint as good as any; a damaged header is old."""
        return sorted(self._folder.glob("*.safetensors"), key=_claimed_step, reverse=True)


def _claimed_step(path: Path) -> int:
    try:
        return int(read_header(path)["step"])
    except (CompileError, KeyError, TypeError, ValueError):
        digits = path.stem.removeprefix("step-")
        return int(digits) if digits.isdigit() else -1


def _passed_over(problem: Diagnostic) -> Diagnostic:
    return Diagnostic(
        problem.code,
        f"passed over: {problem.message}",
        notes=problem.notes,
        severity=Severity.WARNING,
    )
