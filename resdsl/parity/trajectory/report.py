"""The result of a comparison of trainers: data, verdict, words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from resdsl.diagnostics import Diagnostic
from resdsl.parity.trajectory.compare import Point
from resdsl.parity.trajectory.settings import LIMIT, TIMES
from resdsl.records import dataclass

#: What the run with moved inputs is called; its distance is the noise floor.
FLOOR = "one ulp"
#: Steps whose figures are printed, beside the last.
SHOWN = (1, 10, 100)


@dataclass(frozen=True, slots=True)
class Curve:
    """One run against the reference: a point for every step that it got to, and what went wrong."""

    name: str
    points: tuple[Point, ...]
    broken: int | None = None
    diagnostic: Diagnostic | None = None

    @property
    def agreed(self) -> bool:
        return self.diagnostic is None and self.broken is None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """All runs of one comparison; `curves` are those beside the reference, the floor among them."""

    model: str
    recipe: str
    dtype: str
    reference: str
    steps: int
    curves: tuple[Curve, ...]
    losses: tuple[float, ...]
    seconds: float
    failure: Diagnostic | None = None

    @property
    def agreed(self) -> bool:
        return self.failure is None and all(curve.agreed for curve in self.curves)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What is to be shown of runs that failed or differ."""
        found = [curve.diagnostic for curve in self.curves]
        return [d for d in (self.failure, *found) if d is not None]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """For a CSV file: a head, and a line for each step and run."""
        yield ("step", "run", "error", "where", "weights", "loss", "reference_loss")
        for curve in self.curves:
            for step, (p, loss) in enumerate(zip(curve.points, self.losses, strict=False), 1):
                figures = (f"{p.error:.6e}", p.where, f"{p.distance:.6e}", f"{p.loss_distance:.6e}")
                yield (step, curve.name, *figures, repr(loss))

    def to_json(self) -> dict[str, Any]:
        """As plain data. Where a key goes away or changes its meaning, `schema` grows."""
        return {
            "format": "resdsl-trajectory",
            "schema": 1,
            "agreed": self.agreed,
            "model": self.model,
            "recipe": self.recipe,
            "dtype": self.dtype,
            "reference": self.reference,
            "steps": self.steps,
            "seconds": round(self.seconds, 2),
            "limit": LIMIT if self.dtype == "float64" else None,
            "times": None if self.dtype == "float64" else TIMES,
            "losses": [_finite(loss) for loss in self.losses],
            "failure": None if self.failure is None else self.failure.message,
            "runs": [_curve_json(curve) for curve in self.curves],
        }


def _curve_json(curve: Curve) -> Mapping[str, Any]:
    return {
        "run": curve.name,
        "agreed": curve.agreed,
        "broken": curve.broken,
        "failure": None if curve.diagnostic is None else curve.diagnostic.message,
        "error": [_finite(p.error) for p in curve.points],
        "where": [p.where for p in curve.points],
        "weights": [_finite(p.distance) for p in curve.points],
        "loss": [_finite(p.loss_distance) for p in curve.points],
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def lines(report: Trajectory) -> Iterator[str]:
    """The result as text: the figures at a few steps, and the verdict."""
    what = "largest relative error" if report.dtype == "float64" else "distance of all weights"
    yield f"{report.model}, recipe {report.recipe}, {report.dtype}: {what} from {report.reference}"
    shown = [s for s in SHOWN if s < report.steps] + [report.steps]
    yield "step".ljust(14) + "".join(f"{step:>12}" for step in shown)
    for curve in report.curves:
        values = [_figure(report, curve, step) for step in shown]
        yield curve.name.ljust(14) + "".join(f"{value:>12}" for value in values)
    yield verdict(report)


def _figure(report: Trajectory, curve: Curve, step: int) -> str:
    if step > len(curve.points):
        return "-"
    point = curve.points[step - 1]
    return f"{point.error if report.dtype == 'float64' else point.distance:.1e}"


def verdict(report: Trajectory) -> str:
    """One line: what came out."""
    steps = f"{report.steps} step{'s' * (report.steps != 1)}"
    bad = [curve.name for curve in report.curves if not curve.agreed]
    if report.failure is not None:
        return f"{report.model}: {report.reference} failed, and there is nothing to compare with"
    if bad:
        return f"{report.model}: {', '.join(bad)} leave{'s' * (len(bad) == 1)} the trajectory"
    names = ", ".join([report.reference, *(c.name for c in report.curves if c.name != FLOOR)])
    if report.dtype == "float64":
        return f"{report.model}: {names} train alike for {steps} (every error below {LIMIT:.0e})"
    return (
        f"{report.model}: {names} train alike for {steps} (at every step within {TIMES:.0f} times "
        f"the distance that inputs one ulp off make in {report.reference})"
    )
