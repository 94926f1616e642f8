"""Traces of a network with planted meanings, made operation by operation from trials.

No backend runs: the values of both sides are those of `resdsl.backends.torch.trials`, so that a
test of the localiser knows what was planted, and takes milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from interpreter import random_inputs, random_masks, random_weights
from resdsl.backends.torch.trials import evaluate

from resdsl.codegen.runtime import Batch
from resdsl.codegen.trial import GRADIENT, STATISTIC, VALUE, WEIGHT, Step, Trial, Wanted
from resdsl.ir.graph import Graph
from resdsl.parity.facts import absorbed
from resdsl.parity.localize.find import Case, find
from resdsl.parity.localize.flow import Flow
from resdsl.parity.localize.laboratory import entry
from resdsl.parity.localize.local import Evidence
from resdsl.parity.localize.trials import Experiment
from resdsl.parity.localize.worker import carry_out
from resdsl.parity.report import Fault
from resdsl.records import replace

Arrays = dict[str, np.ndarray]


@dataclass
class Held:
    """A trace in memory."""

    sections: dict[str, Arrays]

    def section(self, name: str) -> Arrays | None:
        return self.sections.get(name)


@dataclass
class Bench:
    """A network with numbers, and what both sides of a comparison leave of it."""

    graph: Graph
    seed: int = 0
    flow: Flow = field(init=False)

    def __post_init__(self) -> None:
        self.flow = Flow(self.graph)
        weights = random_weights(self.graph, self.seed)
        self.weights = {name: w.numpy() for name, w in weights.items()}
        self.masks = {n: m.numpy() for n, m in random_masks(self.graph, 3).items()}
        names = [i.name for i in self.graph.inputs]
        inputs = [x.numpy() for x in random_inputs(self.graph, 3)]
        self.inputs = dict(zip(names, inputs, strict=True))
        generator = np.random.Generator(np.random.PCG64(5))
        self.loss = {
            value: generator.standard_normal((3, *self.graph.types[value].numbers))
            for value in self.graph.outputs
        }

    def reference(self, plants: Mapping[str, Any] | None = None) -> Held:
        """What the reference records; with `plants`, one that departs from the network."""
        steps = self._steps(plants or {})
        values, training = self._values(steps, False), self._values(steps, True)
        sent = self._gradients(steps, training)
        return Held(
            {
                "values": self._keyed(values),
                "values-train": self._keyed(training),
                "gradients-values": self._keyed(sent),
                "gradients": self._weight_gradients(steps, training, sent),
                "statistics-1": self._statistics(steps, training),
            }
        )

    def candidate(self, plants: Mapping[str, Any], reference: Held) -> Held:
        """What a run with these plants records, and what it makes of the reference's values."""
        steps = self._steps(plants)
        held = {name: self._unkeyed(reference.sections[name]) for name in reference.sections}
        training, sent = held["values-train"], held["gradients-values"]
        forward = {
            "forced": self._keyed(self._values(steps, False, held["values"])),
            "forced-train": self._keyed(self._values(steps, True, training)),
        }
        try:
            backward = {
                "forced-gradients-values": self._keyed(self._gradients(steps, training, sent)),
                "forced-gradients": self._weight_gradients(steps, training, sent),
                "forced-statistics": self._statistics(steps, training),
            }
            return Held({**self.reference(plants).sections, **forward, **backward})
        except RuntimeError:
            # Shapes that do not fit: such a run ends before its backward pass.
            return Held(forward)

    def faults(
        self, reference: Held, candidate: Held, *, others: tuple[str, str] = ("torch", "jax")
    ) -> list[Fault]:
        """What the localiser finds."""
        evidence = Evidence(reference, candidate, absorbed=absorbed(self.graph))
        given = Batch(self.inputs, {}, "", self.masks)
        return find(Case(self.flow, evidence, self.weights, given, *others), laboratory)

    def planted(self, plants: Mapping[str, Any]) -> list[Fault]:
        """What the localiser finds of plants in the candidate."""
        reference = self.reference()
        return self.faults(reference, self.candidate(plants, reference))

    def pass_on(
        self, held: Held, reference: Held, section: str, mode: str, source: str, path: str
    ) -> None:
        """In a forced section, the operation at `path` read the value of `source` instead."""
        node = next(n for n in self.graph.nodes if n.path == path)
        step = self.flow.step(node)
        arrays = {f"value/{v}": reference.sections[mode][source] for v in node.inputs}
        trial = Trial((step,), Wanted(VALUE, str(node.output)), mode != "values")
        held.sections[section][path] = evaluate(trial, arrays | self._extra(step))

    # ---- passes ----------------------------------------------------------------------------------

    def _steps(self, plants: Mapping[str, Any]) -> dict[Any, Step]:
        steps = {}
        for node in self.graph.nodes:
            step = self.flow.step(node)
            plant = plants.get(node.path)
            if isinstance(plant, dict):
                step = replace(step, twist=plant)
            elif plant is not None:
                step = replace(step, op=plant)
            steps[node] = step
        return steps

    def _extra(self, step: Step) -> Arrays:
        found = {f"weight/{name}": self.weights[name] for name in step.weights.values()}
        if step.mask is not None:
            found[f"mask/{step.mask}"] = self.masks[step.mask]
        return found

    def _values(
        self, steps: Mapping[Any, Step], training: bool, forced: dict[int, Any] | None = None
    ) -> dict[int, Any]:
        own = {i.value: self.inputs[i.name] for i in self.graph.inputs}
        made: dict[int, Any] = {}
        for node in self.graph.nodes:
            source = own if forced is None else {**own, **forced}
            arrays = {f"value/{v}": source[v] for v in node.inputs} | self._extra(steps[node])
            for value in node.outputs:
                trial = Trial((steps[node],), Wanted(VALUE, str(value)), training)
                made[value] = own[value] = evaluate(trial, arrays)
        return made

    def _gradients(
        self,
        steps: Mapping[Any, Step],
        values: dict[int, Any],
        forced: dict[int, Any] | None = None,
    ) -> dict[int, Any]:
        made = dict(self.loss)
        for value in reversed(self.flow.keys):
            nodes = self.flow.consumers[value]
            if nodes:
                wanted = Wanted(GRADIENT, str(value))
                made[value] = self._vjp(steps, nodes, values, forced or made, wanted)
        return made

    def _weight_gradients(
        self, steps: Mapping[Any, Step], values: dict[int, Any], sent: dict[int, Any]
    ) -> Arrays:
        return {
            w.name: self._vjp(steps, self.flow.users(w.name), values, sent, Wanted(WEIGHT, w.name))
            for w in self.graph.weights
            if w.weight.trainable
        }

    def _vjp(
        self,
        steps: Mapping[Any, Step],
        nodes: Sequence[Any],
        values: dict[int, Any],
        sent: dict[int, Any],
        wanted: Wanted,
    ) -> Any:
        whole = {**values, **{i.value: self.inputs[i.name] for i in self.graph.inputs}}
        arrays: Arrays = {}
        for node in nodes:
            arrays |= {f"value/{v}": whole[v] for v in node.inputs} | self._extra(steps[node])
            arrays |= {f"sent/{v}": sent[v] for v in node.outputs}
        return evaluate(Trial(tuple(steps[n] for n in nodes), wanted, training=True), arrays)

    def _statistics(self, steps: Mapping[Any, Step], values: dict[int, Any]) -> Arrays:
        whole = {**values, **{i.value: self.inputs[i.name] for i in self.graph.inputs}}
        found = {}
        for w in self.graph.weights:
            if not w.weight.trainable:
                nodes = self.flow.users(w.name)
                arrays: Arrays = {}
                for node in nodes:
                    arrays |= {f"value/{v}": whole[v] for v in node.inputs}
                    arrays |= self._extra(steps[node])
                trial = Trial(tuple(steps[n] for n in nodes), Wanted(STATISTIC, w.name), True)
                found[w.name] = evaluate(trial, arrays)
        return found

    def _keyed(self, values: Mapping[int, Any]) -> Arrays:
        return {key: values[v] for key, v in self.flow.values.items() if v in values}

    def _unkeyed(self, arrays: Arrays) -> dict[int, Any]:
        return {self.flow.values[k]: a for k, a in arrays.items() if k in self.flow.values}


def laboratory(experiments: Sequence[Experiment]) -> list[dict[str, Any]]:
    """Experiments in this very process, by way of JSON as in a worker."""
    results = []
    for each in experiments:
        arrays = {**each.arrays, "deviant": each.local.deviant, "right": each.local.right}
        plan = json.loads(json.dumps(entry(each, Path())))
        results.append(json.loads(json.dumps(carry_out(plan, arrays, evaluate))))
    return results
