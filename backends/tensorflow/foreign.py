"""Runs a user's own Keras 3 model for parity, under its own names: variables' paths, `stem/kernel`.

Imported by a worker process only. Inputs and outputs are channels last inside, as everywhere in
this backend; a model that flattens channels last orders the weights behind otherwise than PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from resdsl.codegen.foreign import Dropping
from resdsl.codegen.runtime import Array, Arrays, Facts, Policy, Unavailable
from resdsl.weights.dataflow import Edges, Step, dataflow
from resdsl.weights.description import Description, tensors_of

from .runtime import TensorFlowNetwork, channels_last

Named = tuple[str, Any, tuple[int, ...]]


class TensorFlowForeign:
    """A model of the user's."""

    def __init__(self, model: Any, facts: Facts, policy: Policy) -> None:
        if keras.config.backend() != "tensorflow":
            raise Unavailable(
                f"Keras runs on {keras.config.backend()} here, and parity runs it on TensorFlow",
                "let KERAS_BACKEND be `tensorflow`, or unset",
            )
        self._model = model
        self._facts = facts
        self._policy = policy

    def describe(self, inputs: Arrays) -> Description:
        given = [channels_last(inputs[i.name]) for i in self._facts.inputs]
        specs = [tf.TensorSpec(array.shape, self._policy.dtype) for array in given]
        # It also makes the weights of a model that has not been called yet.
        self._call([tf.zeros(spec.shape, spec.dtype) for spec in specs])
        named = list(named_weights(self._model))
        trained = {id(v) for _, v, _ in named if v.trainable}
        tensors = tensors_of(
            ((name, canonical(v, axes), id(v) in trained) for name, v, axes in named), "/"
        )
        layers = {t.name: t.layer for t in tensors}
        return Description(tensors, self._edges(specs, {n: (v, layers[n]) for n, v, _ in named}))

    def _edges(self, specs: list[Any], variables: Mapping[str, tuple[Any, str]]) -> Edges:
        """Of the graph that TensorFlow makes of the model."""
        function = tf.function(lambda *given: self._call(list(given)))
        traced = function.get_concrete_function(*specs)
        captured = {id(outside): inside.name for outside, inside in traced.graph.captures}
        weights = {
            captured[id(variable.value.handle)]: layer
            for variable, layer in variables.values()
            if id(variable.value.handle) in captured
        }
        steps = [
            Step(tuple(t.name for t in op.inputs), tuple(t.name for t in op.outputs))
            for op in traced.graph.get_operations()
            if op.type != "Placeholder"
        ]
        inputs = [tensor.name for tensor in traced.inputs[: len(specs)]]
        return dataflow(steps, weights, inputs, [t.name for t in traced.outputs])

    def _call(self, given: list[Any]) -> list[Any]:
        result = self._model(given[0] if len(given) == 1 else given, training=False)
        return outputs_of(result, len(self._facts.outputs))

    def dropping(self) -> list[Dropping]:
        return [
            Dropping(path, layer.rate)
            for path, layer in named_layers(self._model)
            if type(layer) is keras.layers.Dropout and layer.rate
        ]

    def kind(self, layer: str) -> str:
        owners = {n.rpartition("/")[0]: type(o).__name__ for n, _, o in _own(self._model)}
        return owners.get(layer, "Variable")

    def network(self, facts: Facts, weights: Mapping[str, Array]) -> TensorFlowNetwork:
        for name, variable, axes in named_weights(self._model):
            variable.assign(weights[name].reshape(_straight(variable, axes)).transpose(axes))
        names: Any = SimpleNamespace(named_weights=named_weights, named_layers=named_layers)
        return ForeignNetwork(self._model, names, facts, self._policy)

    def locate(
        self, source: Path, weights: Path, inputs: Arrays, pairs: Sequence[tuple[str, str]]
    ) -> None:
        """Nothing: compiled functions have no hooks."""


class ForeignNetwork(TensorFlowNetwork):
    """As a generated model's; outputs may come in a dictionary."""

    def _forward(self, inputs: dict[str, Any], training: bool) -> dict[str, Any]:
        given = [inputs[i.name] for i in self._facts.inputs]
        result = self._model(given[0] if len(given) == 1 else given, training=training)
        names = [output.name for output in self._facts.outputs]
        return dict(zip(names, outputs_of(result, len(names)), strict=True))


def outputs_of(result: Any, count: int) -> list[Any]:
    """The tensors of a model's result."""
    values = list(result.values()) if isinstance(result, Mapping) else result
    found = list(values) if isinstance(values, tuple | list) else [values]
    if len(found) != count:
        raise Unavailable(f"your model has {len(found)} output(s), and the network has {count}")
    return found


def named_layers(model: Any) -> Iterator[tuple[str, Any]]:
    """All layers by unique path, the model's own first."""
    taken: set[str] = set()
    for layer in model._flatten_layers():
        # Layers of a functional model have a name only.
        name = _free(layer.path or layer.name, taken)
        taken.add(name)
        yield name, layer


def _own(model: Any) -> Iterator[tuple[str, Any, Any]]:
    """Variables by unique path, each with the layer that made it."""
    taken: set[str] = set()
    for layer in model._flatten_layers():
        for variable in (*layer._trainable_variables, *layer._non_trainable_variables):
            if tf.as_dtype(variable.dtype).is_floating:
                place, _, last = variable.path.rpartition("/")
                name = _free(place, taken, f"/{last}")
                taken.add(name)
                yield name, variable, layer


def _free(name: str, taken: set[str], last: str = "") -> str:
    """A name that no other has: users may give one to several layers."""
    found, number = f"{name}{last}", 1
    while found in taken:
        number += 1
        found = f"{name}#{number}{last}"
    return found


def named_weights(model: Any) -> Iterator[Named]:
    """Names, variables, and the axes that lead from PyTorch's layout to these."""
    for name, variable, layer in _own(model):
        axes = tuple(range(len(variable.shape)))
        if isinstance(layer, keras.layers.DepthwiseConv2D) and len(axes) == 4:
            axes = (2, 3, 0, 1)  # from (channels, multiplier, height, width)
        elif variable.name == "kernel":
            axes = (*axes[2:], 1, 0)  # from (out, in, …)
        yield name, variable, axes


def _straight(variable: Any, axes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape before the axes are moved."""
    return tuple(variable.shape[i] for i in np.argsort(axes))


def canonical(variable: Any, axes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that PyTorch has: a depthwise kernel's channels are one axis there."""
    shape = _straight(variable, axes)
    if axes == (2, 3, 0, 1) and len(shape) == 4:
        return (shape[0] * shape[1], 1, *shape[2:])
    return shape
