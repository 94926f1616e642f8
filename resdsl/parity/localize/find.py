"""From traces to faults: local differences grouped by line, and a cause for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from resdsl.codegen.runtime import Arrays, Batch
from resdsl.ir.graph import Node
from resdsl.parity.causes import BACKWARD, FORWARD
from resdsl.parity.localize.flow import Flow
from resdsl.parity.localize.local import Evidence, Local, distance, locals_of
from resdsl.parity.localize.match import Ruling, ruling
from resdsl.parity.localize.trials import Experiment, experiment
from resdsl.parity.localize.words import calls_of, cause_of, diagnostic_of
from resdsl.parity.report import Fault

#: Operations of one line on which causes are tried: those of different shapes first.
SAMPLES = 3
#: The most lines whose causes are looked for.
MOST_LINES = 12

#: Carries experiments out; what `worker.carry_out` gives, for each.
Laboratory = Callable[[Sequence[Experiment]], "list[dict[str, Any]] | None"]


@dataclass(frozen=True, slots=True)
class Case:
    """Two runs that disagree: what they left, and what both were given.

    `reference` and `candidate` are the names of the backends.
    """

    flow: Flow
    evidence: Evidence
    weights: Arrays
    given: Batch
    reference: str
    candidate: str

    @property
    def dtype(self) -> str:
        return self.evidence.dtype


def find(case: Case, laboratory: Laboratory) -> list[Fault]:
    """The operations that make a difference by themselves, line by line, the first first."""
    groups = list(_by_line(locals_of(case.flow, case.evidence)).values())
    chosen: list[list[Experiment]] = [
        [e for local in _samples(case, group) if (e := _experiment(case, local)) is not None]
        for group in groups[:MOST_LINES]
    ]
    results = laboratory([e for experiments in chosen for e in experiments])
    faults = []
    for number, group in enumerate(groups):
        ruled = None
        if number < len(chosen) and chosen[number] and results is not None:
            count = len(chosen[number])
            ruled, results = ruling(chosen[number], results[:count], case.dtype), results[count:]
        faults.append(_fault(case, group, ruled))
    return _joined(faults)


def _experiment(case: Case, local: Local) -> Experiment | None:
    return experiment(case.flow, case.evidence, local, case.weights, case.given)


def _by_line(found: Sequence[Local]) -> dict[object, list[Local]]:
    """Differences of operations that stand at the same places of the text, phase by phase."""
    groups: dict[object, list[Local]] = {}
    for local in found:
        places = tuple(node.origin.span for node in local.nodes)
        groups.setdefault((local.phase, places), []).append(local)
    return groups


def _samples(case: Case, group: Sequence[Local]) -> list[Local]:
    """A few differences to try causes on: the first, and others that are unlike it."""
    unlike: dict[object, Local] = {}
    for local in group:
        node = local.nodes[0]
        types = tuple(case.flow.graph.types[value] for value in node.inputs)
        unlike.setdefault((local.wanted.kind, local.key.rpartition(".")[2], types), local)
    found = list(unlike.values())
    found += [local for local in group if local not in found]
    return found[:SAMPLES]


def _fault(case: Case, group: Sequence[Local], ruled: Ruling | None) -> Fault:
    local = group[0]
    matches = () if ruled is None else ruled.matches
    node = matches[0].attempt.node if matches else local.node
    odd = case.reference if ruled is not None and ruled.is_reference else case.candidate
    before, behind = _along(case, node, local)
    fault = Fault(
        phase=local.phase,
        path=node.path,
        key=local.key,
        error=local.error,
        limit=local.limit,
        odd=odd,
        problem=local.problem,
        before=before,
        behind=behind,
        paths=tuple(dict.fromkeys(_like(node, each) for each in group)),
        place=str(node.origin.span),
        calls=calls_of(node),
        causes=tuple(cause_of(match, odd) for match in matches),
    )
    return replace(fault, diagnostic=diagnostic_of(fault, local, node, ruled))


def _like(node: Node, local: Local) -> str:
    """The path of the operation in another difference that stands where `node` does."""
    return next((n.path for n in local.nodes if n.origin.span == node.origin.span), local.node.path)


def _along(case: Case, node: Node, local: Local) -> tuple[float | None, float | None]:
    """Errors of the normal run in front of a node and behind it, in the order of that pass."""
    flow = case.flow
    section = {FORWARD: "values", BACKWARD: "gradients-values"}.get(local.phase, "values-train")
    pair = case.evidence.pair(section, section)
    if pair is None:
        return None, None

    def worst(values: Sequence[int]) -> float | None:
        keys = [flow.keys[v] for v in values if v in flow.keys]
        errors = [
            distance(pair[0][key], pair[1][key])[0]
            for key in keys
            if key in pair[0] and key in pair[1]
        ]
        if errors:
            return max(errors)
        # What the network is given is the same.
        return 0.0 if local.phase != BACKWARD and not keys else None

    if local.phase == BACKWARD:
        return worst(node.outputs), worst(node.inputs)
    return worst(node.inputs), worst(node.outputs)


def _joined(faults: Sequence[Fault]) -> list[Fault]:
    """One fault for each line and cause: what shows in eval mode shows in training as well."""
    found: list[Fault] = []
    for fault in faults:
        twin = next((i for i, other in enumerate(found) if _is_same(other, fault)), None)
        if twin is None:
            found.append(fault)
        elif fault.causes and not found[twin].causes:
            found[twin] = fault
    return found


def _is_same(one: Fault, other: Fault) -> bool:
    if (one.place, one.odd) != (other.place, other.odd):
        return False
    left, right = ({cause.name for cause in fault.causes} for fault in (one, other))
    return not left or not right or not left.isdisjoint(right)
