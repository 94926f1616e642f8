"""How far two trainers are apart after a step."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from resdsl.codegen.runtime import Array
from resdsl.parity.compare import relative_error
from resdsl.parity.trajectory.orders import Step
from resdsl.records import dataclass

#: Where the error is, if it is that of no array.
LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Point:
    """One run after one step.

    `error` is the largest relative error of the loss and of all arrays of the state, each relative
    to its largest entry, and `where` it is; `first` is the first that is beyond the limit: the
    loss, then weights in the network's order. `distance` is that of all weights together, as one
    vector (relative L2 norm); `loss_distance` that of the loss. Infinite where there is a NaN or an
    array is missing.
    """

    error: float
    where: str
    distance: float
    loss_distance: float
    first: str | None = None

    def measure(self, dtype: str) -> float:
        """What the run is judged by: the largest error in float64, where limits are absolute; in
        float32 the distance, which is smoother from step to step."""
        return self.error if dtype == "float64" else self.distance


class Comparer:
    """Compares steps with those of a reference.

    `order` has the names of the weights in the network's order; `absorbed` maps a bias whose
    gradient is rounding alone to the weight whose scale it is measured by.
    """

    def __init__(
        self, order: tuple[str, ...], absorbed: Mapping[str, str], limit: float | None
    ) -> None:
        self._places = {name: place for place, name in enumerate(order)}
        self._absorbed = absorbed
        self._limit = limit

    def compare(self, reference: Step, step: Step) -> Point:
        """One step of a run with that of the reference."""
        loss = _relative(step.loss, reference.loss)
        errors = {LOSS: loss, **self._errors(reference.state, step.state)}
        # NaN and infinity are one and the same here: further away than any limit.
        where = max(errors, key=lambda name: errors[name])
        beyond = [n for n, e in errors.items() if self._limit is not None and e > self._limit]
        first = min(beyond, key=self._order, default=None)
        return Point(errors[where], where, _distance(reference, step), loss, first)

    def _errors(self, a: Mapping[str, Array], b: Mapping[str, Array]) -> dict[str, float]:
        errors = {}
        for name in a.keys() | b.keys():
            one, other = a.get(name), b.get(name)
            if one is None or other is None or one.shape != other.shape:
                errors[name] = math.inf
                continue
            kind, _, weight = name.partition("/")
            sibling = a.get(f"{kind}/{self._absorbed.get(weight, '')}")
            scale = 0.0 if sibling is None else float(np.max(np.abs(sibling)))
            error = relative_error(one, other, scale)
            errors[name] = error if math.isfinite(error) else math.inf
        return errors

    def _order(self, name: str) -> tuple[int, int]:
        """The loss, then weights, then what an optimizer keeps, each in the network's order."""
        kind, _, weight = name.partition("/")
        rank = {LOSS: 0, "weights": 1}.get(kind, 2)
        return (rank, self._places.get(weight, len(self._places)))


def _distance(reference: Step, step: Step) -> float:
    difference, whole = 0.0, 0.0
    for name, array in reference.state.items():
        if not name.startswith("weights/"):
            continue
        other = step.state.get(name)
        if other is None or other.shape != array.shape:
            return math.inf
        exact = array.astype(np.float64)
        difference += float(np.sum((other - exact) ** 2))
        whole += float(np.sum(exact**2))
    distance = math.sqrt(difference / whole) if whole else math.sqrt(difference)
    return distance if math.isfinite(distance) else math.inf


def _relative(a: float, b: float) -> float:
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    return abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0
