"""Whether a difference is rounding: the second opinion on a random network.

Parity's limits are for networks that somebody would train. A random one may multiply rounding until
it shows: a batch norm over a channel that is nearly constant, a gradient that is zero in exact
arithmetic. So where something is beyond a limit, the reference runs again with every weight and
every input a few units of the last place off. What that moves as far as another backend is away
says nothing about that backend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from resdsl.codegen.runtime import Array, Batch
from resdsl.parity.compare import Finding, Subject, compare
from resdsl.parity.plan import Plan, write_batch
from resdsl.parity.quantities import QUANTITIES
from resdsl.parity.trace import Trace
from resdsl.records import replace
from resdsl.weights.store import ArrayLayout, read_weights, write_weights

#: Runs with other last places.
RUNS = 3
#: How far off a number may be, in units of its last place.
PLACES = 4.0
#: How many times the way that the reference moves another backend may be away.
FACTOR = 100.0
#: Last places of a network's largest gradient that another may differ by.
DUST = 16.0


def perturbed(plan: Plan, folder: Path, steps: int, seed: int) -> list[Plan]:
    """Plans like one, from other last places of all numbers."""
    return [_perturbed(plan, folder / f"rounding-{n}", steps, seed + n) for n in range(RUNS)]


def _perturbed(plan: Plan, folder: Path, steps: int, seed: int) -> Plan:
    generator = np.random.default_rng(seed)
    unit = PLACES * float(np.finfo(plan.policy.dtype).eps)

    def shaken(array: Array) -> Array:
        exact = np.asarray(array, np.float64)
        moved = exact * (1 + unit * generator.uniform(-1, 1, exact.shape))
        return np.asarray(moved, plan.policy.dtype)

    folder.mkdir()
    weights = {name: shaken(array) for name, array in read_weights(plan.weights).items()}
    layouts = [ArrayLayout(name, a.shape, str(a.dtype)) for name, a in weights.items()]
    write_weights(folder / "weights.safetensors", layouts, iter(weights.items()))
    (folder / "batches").mkdir()
    for step in range(max(1, steps)):
        batch = plan.batch(step)
        moved = Batch(
            {name: shaken(a) for name, a in batch.inputs.items()},
            {name: shaken(a) for name, a in batch.targets.items()},
            batch.loss,
            batch.masks,
        )
        write_batch(folder / "batches", step, moved)
    return replace(
        plan,
        weights=folder / "weights.safetensors",
        batches=folder / "batches",
        trace=folder / "trace",
    )


def floors(base: Trace, others: Sequence[Trace], subject: Subject) -> dict[tuple[str, str], float]:
    """How far the reference moves, array by array (section and name): the most of all runs."""
    found: dict[tuple[str, str], float] = {}
    for other in others:
        for finding in _findings(base, other, subject, can_step=True):
            key = (finding.section, finding.name)
            found[key] = max(found.get(key, 0.0), finding.error)
    return found


def is_rounding(
    reference: Trace,
    candidate: Trace,
    subject: Subject,
    limits: Mapping[str, float | None],
    moved: Mapping[tuple[str, str], float],
    *,
    can_step: bool,
) -> bool:
    """Whether all that is beyond a limit (by quantity) is within what rounding does."""
    for quantity in QUANTITIES:
        limit = limits.get(quantity.name)
        if limit is None:
            continue
        comparison = compare(quantity, subject, reference, candidate, candidate_steps=can_step)
        for finding in comparison.findings:
            if not finding.beyond(limit):
                continue
            floor = moved.get((finding.section, finding.name), 0.0)
            if finding.problem is None and finding.error <= FACTOR * floor:
                continue
            if finding.problem is not None or not _is_dust(finding, reference, candidate):
                return False
    return True


def _is_dust(finding: Finding, reference: Trace, candidate: Trace) -> bool:
    """Whether a gradient differs by less than last places of the network's largest one.

    A gradient that is zero in exact arithmetic may be a zero in one framework, however its inputs
    move, and a sum of rounding errors in another.
    """
    if finding.section != "gradients":
        return False
    left, right = reference.section("gradients"), candidate.section("gradients")
    assert left is not None and right is not None
    a, b = left[finding.name], right[finding.name]
    largest = max(float(np.max(np.abs(array), initial=0.0)) for array in left.values())
    difference = float(np.max(np.abs(np.asarray(a, np.float64) - b)))
    return difference <= DUST * float(np.finfo(b.dtype).eps) * largest


def _findings(base: Trace, other: Trace, subject: Subject, *, can_step: bool) -> Iterator[Finding]:
    for quantity in QUANTITIES:
        comparison = compare(quantity, subject, base, other, candidate_steps=can_step)
        yield from comparison.findings
