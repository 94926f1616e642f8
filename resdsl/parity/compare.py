"""Compares two traces: how far apart are they, where most, and where first?

What must be there comes from the facts of the network, never from the traces, so that a quantity
that a worker dropped cannot pass in silence. NaN and infinity never pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from resdsl.codegen.runtime import Array, Facts
from resdsl.parity.perturb import fits
from resdsl.parity.quantities import Quantity
from resdsl.parity.trace import VALUES, Recorded, Shapes, shapes_of


@dataclass(frozen=True, slots=True)
class Finding:
    """One tensor: its relative error, or the problem that made it incomparable."""

    section: str
    name: str
    error: float
    problem: str | None = None

    def beyond(self, limit: float) -> bool:
        """Whether it does not agree."""
        # Written so that a NaN is beyond every limit.
        return self.problem is not None or not self.error <= limit


@dataclass(frozen=True, slots=True)
class Comparison:
    """All tensors of one quantity."""

    quantity: Quantity
    findings: tuple[Finding, ...]

    def worst(self, limit: Callable[[Finding], float]) -> Finding | None:
        """The finding to show: a problem before any number, then the one that is furthest beyond
        its limit, or nearest to it; `None` where nothing is compared."""
        return max(
            self.findings,
            key=lambda f: (f.problem is not None, f.error / limit(f)),
            default=None,
        )

    def beyond(self, limit: Callable[[Finding], float]) -> list[Finding]:
        """Everything that does not agree, in the network's order."""
        return [f for f in self.findings if f.beyond(limit(f))]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared: the network, how long it ran, and which biases are noise by nature.

    `absorbed` maps such a bias to the weight whose scale it is measured by. `probed` are the names
    of the values on the way that were looked at.
    """

    facts: Facts
    batch: int
    steps: int
    absorbed: Mapping[str, str] = field(default_factory=dict)
    probed: tuple[str, ...] = ()


def compare(
    quantity: Quantity,
    subject: Subject,
    reference: Recorded,
    candidate: Recorded,
    *,
    candidate_steps: bool = True,
    dtype: str | None = None,
    is_partial: bool = False,
) -> Comparison:
    """One quantity of a candidate against the reference, tensor by tensor.

    `candidate_steps` says whether the candidate trains on after the first step. `dtype` is the
    candidate's precision, if that is to be checked. One that is partial shows some of its values
    on the way, and no more are asked for.
    """
    findings: list[Finding] = []
    for section in quantity.sections(subject.steps, candidate_steps):
        shapes = shapes_of(section, subject.facts, subject.batch)
        if section in VALUES:
            shown = (candidate.section(section) or {}) if is_partial else subject.probed
            shapes = {name: shapes[name] for name in subject.probed if name in shown}
        findings.extend(_compare_section(section, shapes, subject, reference, candidate, dtype))
    return Comparison(quantity, tuple(findings))


def _compare_section(
    section: str,
    shapes: Shapes,
    subject: Subject,
    reference: Recorded,
    candidate: Recorded,
    dtype: str | None,
) -> list[Finding]:
    if not shapes:
        return []
    left, right = reference.section(section), candidate.section(section)
    if left is None or right is None:
        whose = "the reference" if left is None else "the backend"
        return [Finding(section, n, np.inf, f"{whose} computed no {section}") for n in shapes]
    findings = []
    for name, shape in shapes.items():
        a, b = left.get(name), right.get(name)
        problem = _problem(a, b, shape, _precision(section, dtype))
        if problem or a is None or b is None:
            findings.append(Finding(section, name, np.inf, problem))
            continue
        sibling = left.get(subject.absorbed.get(name, ""))
        scale = 0.0 if sibling is None else _largest(sibling)
        findings.append(Finding(section, name, relative_error(a, b, scale)))
    unknown = [name for name in right if name not in shapes]
    findings.extend(Finding(section, n, np.inf, "not of the network") for n in unknown)
    return findings


def _problem(
    reference: Array | None, candidate: Array | None, shape: tuple[int, ...], dtype: str | None
) -> str | None:
    if reference is None or candidate is None:
        return "missing in the reference" if reference is None else "missing"
    for array, whose in ((reference, " in the reference"), (candidate, "")):
        if array.shape != shape:
            return f"the shape is {array.shape}{whose}, not {shape}"
        if not np.isfinite(array).all():
            return f"holds NaN or infinity{whose}"
    if dtype is not None and not _is(candidate, dtype):
        return f"is {candidate.dtype} in a {dtype} run"
    return None


def _precision(section: str, dtype: str | None) -> str | None:
    """In which precision a section must be, in a run in `dtype`; `None` if in any.

    Losses are read as Python's numbers, and running statistics of bfloat16 are kept in float32.
    """
    if section.startswith("loss") or dtype is None:
        return None
    return None if section.startswith("statistics") and dtype == "bfloat16" else dtype


def _is(array: Array, dtype: str) -> bool:
    """Whether an array has a precision. NumPy has no bfloat16: such numbers come as float32."""
    if dtype == "bfloat16":
        return str(array.dtype) == "float32" and fits(array, dtype)
    return str(array.dtype) == dtype


def relative_error(a: Array, b: Array, scale: float = 0.0) -> float:
    """The largest difference, relative to the largest entry of either (or `scale`, if larger)."""
    difference = _largest(np.asarray(a, np.float64) - np.asarray(b, np.float64))
    if difference == 0:
        return 0.0
    return difference / max(_largest(a), _largest(b), scale)


def _largest(array: Array) -> float:
    # Without a copy of absolute values: networks have weights of a gigabyte.
    return max(float(np.max(array)), -float(np.min(array))) if array.size else 0.0
