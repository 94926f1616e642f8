"""Loss and accuracy of the steps between two lines of the log, without a wait at every step.

A step's loss stays on the device until a line is due: reading it makes the processor wait for the
device. What is read is added in the order of the steps, so that a run that was resumed in between
writes the same line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from resdsl.records import dataclass

#: Losses kept on the device at most, however seldom lines are written.
PENDING = 200


class Diverged(Exception):
    """The loss of a step, or a weight behind it, is no longer a finite number."""

    def __init__(self, step: int, what: str) -> None:
        super().__init__(f"step {step}: {what}")
        self.step = step
        self.what = what


@dataclass(frozen=True, slots=True)
class Means:
    """Of the steps since the last line."""

    loss: float
    accuracy: float
    samples: int


class Meter:
    """Collects what training steps return. Steps are counted from 1, as in the log."""

    def __init__(self, step: int, held: Mapping[str, Any] | None = None) -> None:
        held = held or {}
        self._step = step
        self._loss = float(held.get("loss", 0.0))
        self._correct = float(held.get("correct", 0.0))
        self._steps = int(held.get("steps", 0))
        self._samples = int(held.get("samples", 0))
        self._pending: list[tuple[Any, Any, int]] = []

    def add(self, loss: Any, correct: Any, samples: int) -> None:
        """One more step: its mean loss and its number of right answers, on the device."""
        self._pending.append((loss, correct, samples))
        if len(self._pending) >= PENDING:
            self._settle()

    def take(self) -> Means:
        """The means since they were last taken. Raises `Diverged`."""
        self._settle()
        means = Means(self._loss / self._steps, self._correct / self._samples, self._samples)
        self._loss, self._correct, self._steps, self._samples = 0.0, 0.0, 0, 0
        return means

    def hold(self) -> dict[str, Any]:
        """What a checkpoint keeps, for a new meter to go on from. Raises `Diverged`."""
        self._settle()
        return {
            "loss": self._loss,
            "correct": self._correct,
            "steps": self._steps,
            "samples": self._samples,
        }

    def _settle(self) -> None:
        pending, self._pending = self._pending, []
        for loss, correct, samples in pending:
            self._step += 1
            number = float(loss)
            if not math.isfinite(number):
                raise Diverged(self._step, f"the loss is {number}")
            self._loss += number
            self._correct += float(correct)
            self._steps += 1
            self._samples += samples
