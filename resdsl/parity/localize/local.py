"""Where differences are created: every value that differs on the reference's own input.

With forcing, each value of a run is the result of one operation on the reference's numbers, and
each gradient likewise: what differs there is created there, and nothing is inherited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from resdsl.codegen.runtime import Array, Arrays
from resdsl.codegen.trial import GRADIENT, STATISTIC, VALUE, WEIGHT, Wanted
from resdsl.ir.graph import Node
from resdsl.parity.causes import BACKWARD, FORWARD, STATISTICS, TRAIN
from resdsl.parity.compare import relative_error
from resdsl.parity.limits import FACTOR, SPACING
from resdsl.parity.localize.flow import Flow

#: The largest local error that is rounding, in float64.
LIMITS = {FORWARD: 1e-12, TRAIN: 1e-12, STATISTICS: 1e-12, BACKWARD: 1e-11}
#: A gradient that cancels is measured by this share of the gradients that it is made of.
CANCELLED = 1e-3


class Sections(Protocol):
    """A trace, or what stands for one."""

    def section(self, name: str) -> Arrays | None:
        """The arrays of a section; `None` where there is none."""


@dataclass(frozen=True, slots=True)
class Local:
    """One difference that is created where it is seen.

    `nodes` are all that may have created it: one, unless values between are not known. `wanted` is
    the number that differs, `right` the reference's and `deviant` the other's.
    """

    phase: str
    wanted: Wanted
    key: str
    nodes: tuple[Node, ...]
    error: float
    limit: float
    right: Array
    deviant: Array
    problem: str | None = None
    known: frozenset[int] = frozenset()

    @property
    def node(self) -> Node:
        """The one it is shown at: the last in the forward pass, the first in the backward pass."""
        return self.nodes[0] if self.phase == BACKWARD else self.nodes[-1]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The traces of the reference and of a deviating run, and what they are measured by.

    `yardstick` is the reference's own run in the precision of the deviating one, where that is not
    float64. `absorbed` maps biases whose gradient is rounding to the weights beside them.
    """

    reference: Sections
    candidate: Sections
    yardstick: Sections | None = None
    absorbed: Mapping[str, str] = field(default_factory=dict)
    dtype: str = "float64"

    def pair(self, left: str, right: str) -> tuple[Arrays, Arrays] | None:
        """A section of the reference and one of the candidate, if both are there."""
        ours, theirs = self.reference.section(left), self.candidate.section(right)
        return None if ours is None or theirs is None else (ours, theirs)

    def limit(self, phase: str, section: str, key: str, right: Array) -> float:
        """The largest error of a value that is rounding."""
        if self.dtype == "float64":
            return LIMITS[phase]
        held = None if self.yardstick is None else self.yardstick.section(section)
        own = 0.0
        if held is not None and key in held and held[key].shape == right.shape:
            own = relative_error(right, held[key])
        return FACTOR * max(own, SPACING[self.dtype])


def locals_of(flow: Flow, evidence: Evidence) -> list[Local]:
    """All differences in the order in which they arise."""
    found = [
        *_values(flow, evidence, FORWARD, "values", "forced"),
        *_values(flow, evidence, TRAIN, "values-train", "forced-train"),
        *_statistics(flow, evidence),
    ]
    explained = {node for local in found if local.phase == TRAIN for node in local.nodes}
    if evidence.candidate.section("forced-train") is None:
        explained = {node for local in found if local.phase == FORWARD for node in local.nodes}
    gradients = [*_gradients(flow, evidence), *_weight_gradients(flow, evidence)]
    # A wrong forward pass has a wrong backward pass: that is no second finding.
    gradients = [local for local in gradients if explained.isdisjoint(local.nodes)]
    gradients.sort(key=lambda local: -max(flow.places[node] for node in local.nodes))
    return [*found, *gradients] or list(_at_the_end(flow, evidence))


def _values(flow: Flow, evidence: Evidence, phase: str, left: str, right: str) -> Iterator[Local]:
    pair = evidence.pair(left, right)
    if pair is None:
        return
    ours, theirs = pair
    known = frozenset(v for key, v in flow.values.items() if key in ours and key in theirs)
    for key, value in flow.values.items():
        if value in known:
            wanted, nodes = Wanted(VALUE, str(value)), flow.before(value, known)
            yield from _local(evidence, phase, right, wanted, key, nodes, ours, theirs, known)


def _at_the_end(flow: Flow, evidence: Evidence) -> Iterator[Local]:
    """Nothing differs, and still the output does: what makes it out of the last known values."""
    pair, outputs = evidence.pair("values", "forced"), evidence.pair("eval", "eval")
    if pair is None or outputs is None:
        return
    known = frozenset(v for key, v in flow.values.items() if key in pair[0] and key in pair[1])
    for name, value in zip(flow.graph.output_names, flow.graph.outputs, strict=True):
        if value not in known and name in outputs[0] and name in outputs[1]:
            nodes, wanted = flow.before(value, known), Wanted(VALUE, str(value))
            yield from _local(evidence, FORWARD, "eval", wanted, name, nodes, *outputs, known)


def _statistics(flow: Flow, evidence: Evidence) -> Iterator[Local]:
    pair = evidence.pair("statistics-1", "forced-statistics")
    values = evidence.reference.section("values-train")
    if pair is None:
        return
    known = frozenset(v for key, v in flow.values.items() if values is not None and key in values)
    for name in flow.owners:
        if name in pair[0] and name in pair[1]:
            wanted, nodes = Wanted(STATISTIC, name), tuple(flow.users(name))
            section = "forced-statistics"
            yield from _local(evidence, STATISTICS, section, wanted, name, nodes, *pair, known)


def _gradients(flow: Flow, evidence: Evidence) -> Iterator[Local]:
    section = "forced-gradients-values"
    pair = evidence.pair("gradients-values", section)
    if pair is None:
        return
    ours, theirs = pair
    known = frozenset(v for key, v in flow.values.items() if key in ours and key in theirs)
    for key, value in reversed(flow.values.items()):
        if value in known and flow.consumers[value]:
            nodes = flow.behind(flow.consumers[value], known)
            if any(_is_starved(flow, node, ours, theirs) for node in nodes):
                continue
            scale = CANCELLED * max(
                (_largest(ours[k]) for k in _sent(flow, nodes, ours)), default=0
            )
            wanted = Wanted(GRADIENT, str(value))
            yield from _local(
                evidence, BACKWARD, section, wanted, key, nodes, ours, theirs, known, scale
            )


def _weight_gradients(flow: Flow, evidence: Evidence) -> Iterator[Local]:
    section = "forced-gradients"
    pair = evidence.pair("gradients", section)
    if pair is None:
        return
    values = evidence.pair("gradients-values", "forced-gradients-values")
    known = frozenset(
        v for key, v in flow.values.items() if values and key in values[0] and key in values[1]
    )
    for name in flow.owners:
        if name in pair[0] and name in pair[1]:
            sibling = pair[0].get(evidence.absorbed.get(name, ""))
            scale = 0.0 if sibling is None else _largest(sibling)
            nodes, wanted = flow.behind(flow.users(name), known), Wanted(WEIGHT, name)
            if values and any(_is_starved(flow, node, *values) for node in nodes):
                continue
            yield from _local(evidence, BACKWARD, section, wanted, name, nodes, *pair, known, scale)


def _is_starved(flow: Flow, node: Node, ours: Arrays, theirs: Arrays) -> bool:
    """Whether no gradient arrives at a node, where one does in the reference.

    The reference's cannot be sent on then, and what is missing in front of the node is inherited.
    """
    keys = [flow.keys[v] for v in node.outputs if flow.keys.get(v) in ours]
    arrived = [theirs[key] for key in keys if key in theirs]
    return bool(arrived) and not any(map(np.any, arrived)) and any(np.any(ours[k]) for k in keys)


def _sent(flow: Flow, nodes: tuple[Node, ...], arrays: Arrays) -> Iterator[str]:
    """The keys of gradients that arrive at the end of these nodes."""
    for node in nodes:
        for value in node.outputs:
            if flow.keys[value] in arrays:
                yield flow.keys[value]


def _local(
    evidence: Evidence,
    phase: str,
    section: str,
    wanted: Wanted,
    key: str,
    nodes: tuple[Node, ...],
    ours: Arrays,
    theirs: Arrays,
    known: frozenset[int],
    scale: float = 0.0,
) -> Iterator[Local]:
    right, deviant = ours[key], theirs[key]
    error, problem = distance(right, deviant, scale)
    limit = evidence.limit(phase, section, key, right)
    if problem is not None or not error <= limit:
        yield Local(phase, wanted, key, nodes, error, limit, right, deviant, problem, known)


def distance(a: Array, b: Array, scale: float = 0.0) -> tuple[float, str | None]:
    """The relative error between two arrays, or why there is none."""
    if a.shape != b.shape:
        return float("inf"), f"has the shape {_shape(b)}, and not {_shape(a)}"
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        whose = "holds" if np.isfinite(a).all() else "differs from a reference that holds"
        return float("inf"), f"{whose} NaN or infinity"
    return relative_error(a, b, scale), None


def _shape(array: Array) -> str:
    return " x ".join(map(str, array.shape[1:])) or "a number"


def _largest(array: Array) -> float:
    return float(np.abs(array).max()) if array.size else 0.0
