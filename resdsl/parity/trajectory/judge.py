"""Which runs stay on the trajectory, and where the others leave it."""

from __future__ import annotations

import math

from resdsl.diagnostics import Diagnostic, Label
from resdsl.ir.graph import Graph
from resdsl.parity.trajectory.compare import Point
from resdsl.parity.trajectory.report import FLOOR, Curve
from resdsl.parity.trajectory.settings import LIMIT, TIMES
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges runs against a reference. `floor` has the points of the reference's second run, from
    moved inputs; it is empty where there was none.

    In float64 a run leaves the trajectory where an error is beyond the limit; judged `by_floor`,
    only where the floor has not come near it too. In float32, judged `by_floor`, it leaves where
    its distance is too many times that of the floor, else where it is lost in NaNs. For there it is
    chance whether a sum falls on this or that side of a ReLU's kink, and one that flips in the
    first steps leaves a mark far above a floor in which none has flipped yet.
    """

    graph: Graph
    dtype: str
    reference: str
    floor: tuple[Point, ...] = ()
    by_floor: bool = False

    def curve(self, name: str, points: tuple[Point, ...], failure: Diagnostic | None) -> Curve:
        """A run with its verdict."""
        if name == FLOOR:
            return Curve(name, points, diagnostic=failure)
        pairs = zip(points, self.floor, strict=False)
        ratios = tuple(_ratio(p.measure(self.dtype), own.measure(self.dtype)) for p, own in pairs)
        if failure is not None:
            return Curve(name, points, ratios, diagnostic=failure)
        steps = enumerate(points)
        broken = next((n for n, p in steps if self._is_beyond(p, ratios[n : n + 1])), None)
        if broken is None:
            return Curve(name, points, ratios)
        found = self._diagnostic(name, broken, points[broken], ratios[broken : broken + 1])
        return Curve(name, points, ratios, broken + 1, found)

    def _is_beyond(self, point: Point, ratios: tuple[float, ...]) -> bool:
        # Written so that a NaN is beyond the floor.
        is_far = not all(ratio <= TIMES for ratio in ratios)
        if self.dtype == "float64":
            return point.first is not None and (is_far or not ratios)
        return is_far if self.by_floor else not math.isfinite(point.distance)

    def _diagnostic(
        self, name: str, place: int, point: Point, ratios: tuple[float, ...]
    ) -> Diagnostic:
        """What differs: in float64 the first array, at its place in the `.res` file."""
        step = place + 1
        noise = tuple(
            f"inputs one ulp off make {self.floor[place].measure(self.dtype):.1e} in "
            f"{self.reference}: this is {ratio:.1f} times that, and {TIMES:.0f} times are allowed"
            for ratio in ratios
        )
        if self.dtype != "float64":
            text = (
                f"{name}: after step {step} all weights together are {point.distance:.1e} from "
                f"{self.reference}"
            )
            return Diagnostic("R0608", text, notes=noise)
        where = point.first or point.where
        weight = where.partition("/")[2]
        origin = next((w.node.origin for w in self.graph.weights if w.name == weight), None)
        return Diagnostic(
            "R0608",
            f"{name}: `{where}` is beyond {LIMIT:.0e} after step {step}",
            None if origin is None else Label(origin.span, "the first value that differs"),
            notes=(f"the largest error is that of `{point.where}`: {point.error:.1e}", *noise),
            help=None if self.by_floor else "`--floor` tells how far rounding alone leads",
        )


def _ratio(distance: float, floor: float) -> float:
    if floor == 0:
        return 0.0 if distance == 0 else math.inf
    return distance / floor
