"""An exported network whose values are watched: they become outputs of its graph.

The last ONNX node of an operation bears its path, so that its outputs are the operation's results.
In a forced pass what an operation leaves goes nowhere but out, and those who read it read an input
of the graph instead, which holds the reference's value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import onnx
from onnx import ModelProto, ValueInfoProto, helper

from resdsl.codegen.probes import Watch
from resdsl.codegen.runtime import Array, Arrays, Batch, Outcome

from .runtime import OnnxNetwork, training_file

#: Behind the name of a value that is given: what was computed for it. No path holds slashes.
_OWN = "//own"


class ProbedOnnxNetwork(OnnxNetwork):
    """A network with a probe at every value."""

    __slots__ = ()
    complete = True

    def watched_infer(self, inputs: Arrays, watch: Watch) -> Arrays:
        probing = _Probing(self, watch)
        return probing.seen(self._run(self.source, inputs, probing.insert, probing.given))

    def watched_step(self, batch: Batch, watch: Watch) -> Outcome:
        probing, path = _Probing(self, watch), training_file(self.source)
        masks = {f"{layer}.mask": mask for layer, mask in batch.masks.items()}
        found = self._run(path, {**batch.inputs, **masks}, probing.insert, probing.given)
        for name in self.facts.statistics:
            self.weights[name] = found[f"{name}/new"]
        return Outcome(probing.seen(found), None)


class _Probing:
    """One pass: the graph is changed, runs, and is told apart again."""

    def __init__(self, network: OnnxNetwork, watch: Watch) -> None:
        self._facts = network.facts
        self._dtype = network.policy.dtype
        self._watch = watch
        #: Names in the graph, by names of values.
        self._names: dict[str, str] = {}
        self._outputs: list[str] = []
        #: The reference's values under names of the graph; known once the graph is.
        self.given: dict[str, Array] = {}

    def insert(self, model: ModelProto) -> None:
        """Make outputs of the values that are watched, and inputs of those that are given."""
        graph = model.graph
        self._outputs = [value.name for value in graph.output][: len(self._facts.outputs)]
        self._names = self._named(graph.node)
        for name, inside in self._names.items():
            if name in self._watch.forced:
                self.given[inside] = np.asarray(self._watch.forced[name], self._dtype)
        for node in graph.node:
            # Only what makes a value: its readers keep the name, which is an input's now.
            node.output[:] = [f"{o}{_OWN}" if o in self.given else o for o in node.output]
        for value in graph.output:
            if value.name in self.given:
                value.name += _OWN
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self._dtype))
        graph.input.extend(
            helper.make_tensor_value_info(inside, kind, array.shape)
            for inside, array in self.given.items()
        )
        known = {value.name for value in graph.output}
        graph.output.extend(
            ValueInfoProto(name=name)
            for name in map(self._computed, self._names.values())
            if name not in known
        )

    def _named(self, nodes: Iterable[onnx.NodeProto]) -> dict[str, str]:
        paths: dict[str, onnx.NodeProto] = {}
        for node in nodes:
            paths.setdefault(node.name, node)
        found = {}
        for value in self._facts.values:
            path, _, number = value.name.partition("#")
            if value.name in self._watch.names and path in paths:
                found[value.name] = paths[path].output[int(number or 0)]
        return found

    def _computed(self, inside: str) -> str:
        return f"{inside}{_OWN}" if inside in self.given else inside

    def seen(self, found: Mapping[str, Array]) -> Arrays:
        """Hand the values to the watch; returns the network's outputs."""
        for name, inside in self._names.items():
            self._watch.value(name, found[self._computed(inside)])
        return {
            output.name: found[self._computed(inside)]
            for output, inside in zip(self._facts.outputs, self._outputs, strict=True)
        }
