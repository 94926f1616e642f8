"""A network with probes, in this process: what it shows, beside what the graph says there is.

Imports no framework; a backend's runtime does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.probes import ProbedNetwork, Watch
from resdsl.codegen.runtime import Array, Batch, Facts, Policy, training_form
from resdsl.ir.graph import Graph
from resdsl.parity import draw
from resdsl.parity.facts import facts_of
from resdsl.weights.names import layouts
from resdsl.weights.store import read_weights, write_weights

BATCH = 2
EXACT = Policy("float64")
Values = dict[str, Array]


@dataclass
class Seen:
    """The values of one pass, and of its way back."""

    facts: Facts
    values: Values = field(default_factory=dict)
    gradients: Values = field(default_factory=dict)
    #: Gradients of weights.
    weights: Values = field(default_factory=dict)
    outputs: Mapping[str, Array] = field(default_factory=dict)

    def watch(self, forced: Seen | None = None, names: frozenset[str] | None = None) -> Watch:
        """Fills this; goes on with what `forced` has."""
        return Watch(
            frozenset(v.name for v in self.facts.values) if names is None else names,
            lambda name, array: self._keep(self.values, name, array),
            lambda name, array: self._keep(self.gradients, name, array),
            forced.values if forced else {},
            forced.gradients if forced else {},
        )

    def _keep(self, into: Values, name: str, array: Array) -> None:
        assert name not in into, f"{name} was seen twice"
        shape = next(v.shape for v in self.facts.values if v.name == name)
        assert array.shape == (BATCH, *shape), name
        into[name] = np.array(array)


@dataclass
class Bench:
    """One network in one backend, in a folder of its own."""

    graph: Graph
    backend_name: str
    folder: Path

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.graph)

    @property
    def names(self) -> list[str]:
        return [value.name for value in self.facts.values]

    @cached_property
    def backend(self) -> Backend:
        return get_backend(self.backend_name)

    @cached_property
    def weights(self) -> Path:
        path = self.folder / "weights.safetensors"
        write_weights(path, layouts(self.graph.weights), draw.starting_weights(self.graph, 0))
        return path

    @cached_property
    def batch(self) -> Batch:
        facts, loss = self.facts, draw.loss_name(self.facts)
        inputs = draw.noise(facts, BATCH, 0, 0)
        targets = draw.targets(facts, BATCH, 0, 0)
        return Batch(inputs, targets, loss, draw.masks(facts, BATCH, 0, 0))

    def plain(self, runtime: Any) -> Any:
        """The network as users run it."""
        return runtime.load(self.source(probed=False), self.facts, self.weights, EXACT)

    def probed(self, runtime: Any) -> ProbedNetwork:
        """The network with its probes, at its start."""
        source = self.source(probed=True)
        network: ProbedNetwork = runtime.load_probed(source, self.facts, self.weights, EXACT)
        return network

    def source(self, *, probed: bool) -> Path:
        """The file of a backend."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{'probed_' * probed}{self.backend.file_name(self.graph.name)}"
        declared = self.graph.declared or self.graph
        if path.exists():
            return path
        if self.backend.emit is not None:
            path.write_text(self.backend.emit(declared, probed=probed), encoding="utf-8")
        elif self.backend.export is not None:
            arrays = read_weights(self.weights)
            form = {"batch": BATCH, "dtype": "float64"}
            self.backend.export(self.graph, path, arrays, dtype="float64")
            self.backend.export(self.graph, training_form(path), training=True, **form)
        return path

    def infer(self, network: ProbedNetwork, forced: Seen | None = None) -> Seen:
        """An eval forward."""
        seen = Seen(self.facts)
        seen.outputs = network.watched_infer(self.batch.inputs, seen.watch(forced))
        return seen

    def step(self, network: ProbedNetwork, forced: Seen | None = None) -> Seen:
        """The forward pass in training, and the way back."""
        seen = Seen(self.facts)
        outcome = network.watched_step(self.batch, seen.watch(forced))
        seen.outputs = outcome.outputs
        if outcome.gradients is not None:
            seen.weights = {name: np.array(array) for name, array in outcome.gradients()}
        return seen


def largest_difference(a: Values, b: Values) -> float:
    """Of arrays under the same names; relative to the largest entry of each."""
    assert set(a) == set(b)
    worst = 0.0
    for name, array in a.items():
        scale = max(float(np.abs(array).max(initial=0)), 1e-300)
        worst = max(worst, float(np.abs(array - b[name]).max(initial=0)) / scale)
    return worst
