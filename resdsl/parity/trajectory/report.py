"""The result of a comparison of trainers: data, verdict, words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import chain, repeat
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
    """One run against the reference: a point for every step that it got to, how many times the
    noise floor that is, if there is one, and what went wrong."""

    name: str
    points: tuple[Point, ...]
    ratios: tuple[float, ...] = ()
    broken: int | None = None
    diagnostic: Diagnostic | None = None

    @property
    def agreed(self) -> bool:
        return self.diagnostic is None and self.broken is None

    @property
    def times(self) -> float | None:
        """The largest ratio; `None` where there is no floor."""
        return max(self.ratios, default=None)


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
    by_floor: bool = False

    @property
    def agreed(self) -> bool:
        return self.failure is None and all(curve.agreed for curve in self.curves)

    @property
    def has_floor(self) -> bool:
        """Whether the reference ran a second time, from moved inputs."""
        return any(curve.name == FLOOR for curve in self.curves)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What is to be shown of runs that failed or differ."""
        found = [curve.diagnostic for curve in self.curves]
        return [d for d in (self.failure, *found) if d is not None]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """For a CSV file: a head, and a line for each step and run."""
        yield ("step", "run", "error", "where", "weights", "loss", "times_floor", "reference_loss")
        for curve in self.curves:
            ratios = chain(curve.ratios, repeat(None))
            rows = zip(curve.points, ratios, self.losses, strict=False)
            for step, (p, ratio, loss) in enumerate(rows, 1):
                figures = (f"{p.error:.6e}", p.where, f"{p.distance:.6e}", f"{p.loss_distance:.6e}")
                times = "" if ratio is None else f"{ratio:.4g}"
                yield (step, curve.name, *figures, times, repr(loss))

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
            "times": TIMES if self.by_floor else None,
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
        "times_floor": [_finite(ratio) for ratio in curve.ratios],
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def lines(report: Trajectory) -> Iterator[str]:
    """The result as text: the figures at a few steps, and the verdict."""
    what = "largest relative error" if report.dtype == "float64" else "distance of all weights"
    yield f"{report.model}, recipe {report.recipe}, {report.dtype}: {what} from {report.reference}"
    shown = [s for s in SHOWN if s < report.steps] + [report.steps]
    times = "   times one ulp" if report.has_floor else ""
    yield "step".ljust(14) + "".join(f"{step:>12}" for step in shown) + times
    for curve in report.curves:
        values = [_figure(report, curve, step) for step in shown]
        times = "" if curve.times is None else f"{curve.times:>16.1f}"
        yield curve.name.ljust(14) + "".join(f"{value:>12}" for value in values) + times
    yield verdict(report)


def _figure(report: Trajectory, curve: Curve, step: int) -> str:
    if step > len(curve.points):
        return "-"
    return f"{curve.points[step - 1].measure(report.dtype):.1e}"


def verdict(report: Trajectory) -> str:
    """One line: what came out."""
    steps = f"{report.steps} step{'s' * (report.steps != 1)}"
    bad = [curve.name for curve in report.curves if not curve.agreed]
    if report.failure is not None:
        return f"{report.model}: {report.reference} failed, and there is nothing to compare with"
    if bad:
        return f"{report.model}: {', '.join(bad)} leave{'s' * (len(bad) == 1)} the trajectory"
    others = [curve for curve in report.curves if curve.name != FLOOR]
    names = ", ".join([report.reference, *(curve.name for curve in others)])
    if report.dtype != "float64" and not report.by_floor:
        return f"{report.model}: {names} trained for {steps} (nothing is judged in {report.dtype})"
    return f"{report.model}: {names} train alike for {steps} ({_how(report, others)})"


def _how(report: Trajectory, others: list[Curve]) -> str:
    floor = f"within {TIMES:.0f} times what inputs one ulp off make in {report.reference}"
    if report.dtype != "float64":
        return f"at every step {floor}"
    beyond = [n for c in others for n, p in enumerate(c.points, 1) if p.first is not None]
    if not beyond:
        return f"every error below {LIMIT:.0e}"
    return f"errors above {LIMIT:.0e}, from step {min(beyond)} on, are {floor}"
