"""The user's module's part of a comparison: `python -m resdsl.parity.reference.worker`.

Imports what `--reference` names, finds out whose weight is whose, puts the network's weights in and
looks whether it computes what the network does. From there on it is a run as any other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.foreign import Foreign, Located
from resdsl.codegen.runtime import Array, Arrays, Facts, Network, Policy, Runtime, Unavailable
from resdsl.diagnostics import CompileError
from resdsl.parity.compare import relative_error
from resdsl.parity.plan import Plan, read_plan
from resdsl.parity.reference.backend import REFERENCE
from resdsl.parity.reference.matched import Candidate, matched
from resdsl.parity.reference.plan import FOUND, Found, ReferencePlan, read_reference, write_found
from resdsl.parity.reference.renamed import Renamed, facts_under, masks_of
from resdsl.parity.reference.target import backend_of, find, make
from resdsl.parity.trace import Trace
from resdsl.parity.worker import plain
from resdsl.processes.channel import REFUSED, Channel, own_output, prepare
from resdsl.weights.description import Description
from resdsl.weights.matching import Match
from resdsl.weights.store import read_weights

#: The output is the network's; if it is further away, there is a layer to be named.
AGREES = 1e-12
#: What frameworks are called among the imported modules.
IMPORTED = {"keras": "tensorflow", "torch": "torch", "flax": "jax"}


def main(arguments: list[str]) -> int:
    channel = Channel(own_output())
    plan = read_plan(Path(arguments[0]))
    prepare(plan.policy.threads, plan.policy.device)
    # Keras reads it when the user's file imports it.
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    try:
        work(plan, read_reference(plan.source), channel)
    except Unavailable as refusal:
        channel.say(refused=refusal.message, help=refusal.help)
        return REFUSED
    except CompileError as problem:
        first = problem.diagnostics[0]
        notes = list(first.notes)
        channel.say(refused=first.message, help=first.help, code=first.code, notes=notes)
        return REFUSED
    return 0


def work(plan: Plan, wanted: ReferencePlan, channel: Channel) -> None:
    """Run the plan with the user's module and write its trace."""
    channel.phase("importing")
    backend, model, in_force = made(wanted, plan.policy)
    channel.phase("matching")
    foreign = backend.load_foreign()(model, plan.facts, plan.policy)
    inputs = plan.batch(0).inputs
    theirs = foreign.describe(inputs)
    expected = Trace(wanted.expected).section("eval") or {}
    tester = _Tester(foreign, theirs, plan.facts, read_weights(plan.weights), inputs, expected)

    def tell(match: Match, located: Located | None = None) -> None:
        layers = {tensor.name: tensor.layer for tensor in theirs.tensors}
        kinds = {layer: foreign.kind(layer) for layer in theirs.layers}
        found = Found(backend.name, match.how, match.names, layers, kinds, located)
        write_found(found, plan.source.with_name(FOUND))

    candidate = matched(wanted.ours, theirs, wanted.names, tester.test, tell)
    if candidate.error > AGREES and backend.name == wanted.backend:
        pairs = pairs_of(wanted.ours, theirs, candidate.match)
        tell(candidate.match, foreign.locate(wanted.source, plan.weights, inputs, pairs))
    plain(plan, REFERENCE, _Ready(candidate.network), in_force, channel)


def pairs_of(ours: Description, theirs: Description, match: Match) -> list[tuple[str, str]]:
    """Layers under our name and theirs, in the order in which ours run."""
    left = {tensor.name: tensor.layer for tensor in ours.tensors}
    right = {left[match.names[tensor.name]]: tensor.layer for tensor in theirs.tensors}
    return [(layer, right[layer]) for layer in ours.running_order]


def made(wanted: ReferencePlan, policy: Policy) -> tuple[Backend, Any, dict[str, Any]]:
    """The user's module, its backend, and the policy in force: set before the module is made,
    because arrays and layers take their precision from it."""
    maker = find(wanted.reference)
    of_class = backend_of(maker) if isinstance(maker, type) else None
    imported = [name for module, name in IMPORTED.items() if module in sys.modules]
    in_force = {name: _apply(name, policy) for name in ([of_class] if of_class else imported)}
    model = make(maker, wanted.reference)
    name = backend_of(type(model))
    assert name is not None, "`make` refuses others"
    if name not in in_force:
        # A function has imported its framework late.
        in_force[name] = _apply(name, policy)
        model = make(maker, wanted.reference)
    return get_backend(name), model, {**in_force[name], "module": str(wanted.reference)}


def _apply(name: str, policy: Policy) -> dict[str, Any]:
    runtime: Runtime = get_backend(name).load_runtime()()
    return runtime.apply(policy)


class _Tester:
    """Tries maps of names: how far is the module's output from the network's?"""

    def __init__(
        self,
        foreign: Foreign,
        theirs: Description,
        facts: Facts,
        weights: Mapping[str, Array],
        inputs: Arrays,
        expected: Arrays,
    ) -> None:
        self._foreign = foreign
        self._shapes = {tensor.name: tensor.shape for tensor in theirs.tensors}
        self._facts, self._weights = facts, weights
        self._inputs, self._expected = inputs, expected
        self._dropping = foreign.dropping()
        self._masks = masks_of(facts, self._dropping)

    def test(self, match: Match) -> Candidate:
        """The network under this map, and its error."""
        facts = facts_under(self._facts, match.names, self._shapes, self._masks, self._dropping)
        weights = {
            theirs: self._weights[ours].reshape(self._shapes[theirs])
            for theirs, ours in match.names.items()
        }
        network = self._foreign.network(facts, weights)
        return Candidate(
            match,
            Renamed(network, self._facts, match.names, self._masks),
            self._error(network.infer(self._inputs)),
        )

    def _error(self, outputs: Arrays) -> float:
        worst = 0.0
        for name, expected in self._expected.items():
            given = outputs[name]
            if given.shape != expected.shape:
                raise Unavailable(
                    f"your module's `{name}` has the shape {given.shape}, and the network's "
                    f"{expected.shape}"
                )
            error = relative_error(expected, given)
            worst = max(worst, error if np.isfinite(error) else np.inf)
        return worst


class _Ready:
    """A runtime that has its network already."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def apply(self, policy: Policy) -> dict[str, Any]:
        return {}

    def load(self, source: Path, facts: Facts, weights: Path, policy: Policy) -> Network:
        return self._network


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
