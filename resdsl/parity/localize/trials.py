"""From a local difference to trials: the same operations, once for every known variant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from resdsl.codegen.runtime import Array, Arrays, Batch
from resdsl.codegen.trial import GRADIENT, STATISTIC, VALUE, WEIGHT, Step, Trial
from resdsl.ir.graph import Graph, Node
from resdsl.parity.causes import FORWARD, Variant, variants_of
from resdsl.parity.localize.flow import Flow
from resdsl.parity.localize.local import Evidence, Local
from resdsl.records import replace


@dataclass(frozen=True, slots=True)
class Attempt:
    """One variant in a trial, at the `steps` that run one layer; `node` is the first of them."""

    variant: Variant
    node: Node
    trial: Trial
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Experiment:
    """A trial as the network has it, its arrays, and all that is to be tried in its place."""

    local: Local
    trial: Trial
    arrays: Arrays
    attempts: tuple[Attempt, ...] = field(repr=False)


def experiment(
    flow: Flow, evidence: Evidence, local: Local, weights: Arrays, given: Batch
) -> Experiment | None:
    """All trials about one difference; `None` where a number that they need was not kept."""
    trial = Trial(tuple(map(flow.step, local.nodes)), local.wanted, training=local.phase != FORWARD)
    arrays = _arrays(flow, evidence, local, trial, weights, given)
    if arrays is None:
        return None
    return Experiment(local, trial, arrays, tuple(_attempts(flow.graph, local, trial)))


def _attempts(graph: Graph, local: Local, trial: Trial) -> Iterator[Attempt]:
    seen: set[Node] = set()
    for node in local.nodes:
        if node.owner in seen:
            continue
        seen.add(node.owner)
        # A layer that runs again does so in the same way.
        places = tuple(i for i, n in enumerate(local.nodes) if n.owner is node.owner)
        types = tuple(graph.types[value] for value in node.inputs)
        for variant in variants_of(node.op, types, local.phase):
            steps = [
                _varied(step, variant) if place in places else step
                for place, step in enumerate(trial.steps)
            ]
            yield Attempt(variant, node, replace(trial, steps=tuple(steps)), places)


def _varied(step: Step, variant: Variant) -> Step:
    return replace(step, op=variant.op or step.op, twist=dict(variant.twist))


def _arrays(
    flow: Flow, evidence: Evidence, local: Local, trial: Trial, weights: Arrays, given: Batch
) -> dict[str, Array] | None:
    section = "values" if local.phase == FORWARD else "values-train"
    held = evidence.reference.section(section) or {}
    found: dict[str, Array] = {}
    made = {value for node in local.nodes for value in node.outputs}
    wanted = _needed(flow, local, made)
    for value in wanted:
        source = given.inputs if value in flow.inputs else held
        name = flow.inputs.get(value) or flow.keys[value]
        if name not in source:
            return None
        found[f"value/{value}"] = source[name]
    for step in trial.steps:
        found.update({f"weight/{name}": weights[name] for name in step.weights.values()})
        if step.mask is not None and local.phase != FORWARD:
            found[f"mask/{step.mask}"] = given.masks[step.mask]
    if local.wanted.kind in (GRADIENT, WEIGHT):
        gradients = evidence.reference.section("gradients-values") or {}
        sent = [v for v in made if flow.keys[v] in gradients and v in _ends(flow, local)]
        if not sent:
            return None
        found.update({f"sent/{v}": gradients[flow.keys[v]] for v in sent})
    return found


def _needed(flow: Flow, local: Local, made: set[int]) -> Sequence[int]:
    """Values that the steps read and do not make, or that are forced between them."""
    reads = [value for node in local.nodes for value in node.inputs]
    cut = local.known if local.wanted.kind != VALUE else frozenset()
    if local.wanted.kind == STATISTIC:
        return list(dict.fromkeys(reads))
    return list(dict.fromkeys(v for v in reads if v not in made or v in cut))


def _ends(flow: Flow, local: Local) -> set[int]:
    """Values at which the gradient is the reference's: known ones, behind the nodes."""
    return {v for node in local.nodes for v in node.outputs if v in local.known}
