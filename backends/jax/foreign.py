"""Runs a user's own Flax NNX module for parity, under its own names: `stem.kernel`.

Imported by a worker process only. The module takes its inputs channels last, by position, and
changes its mode by `train()` and `eval()`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from resdsl.codegen.foreign import Dropping
from resdsl.codegen.runtime import Array, Arrays, Facts, Policy, Unavailable
from resdsl.weights.dataflow import Edges, Step, dataflow
from resdsl.weights.description import Description, tensors_of

from .runtime import JaxNetwork, channels_last


class JaxForeign:
    """A module of the user's."""

    def __init__(self, model: nnx.Module, facts: Facts, policy: Policy) -> None:
        self._model = model
        self._facts = facts
        self._policy = policy
        self._modules = dict(named_layers(model))

    def describe(self, inputs: Arrays) -> Description:
        named = list(named_weights(self._model))
        tensors = tensors_of(
            (name, tuple(v.shape[i] for i in np.argsort(axes)), isinstance(v, nnx.Param))
            for name, v, axes in named
        )
        given = [
            jnp.asarray(channels_last(inputs[i.name]), self._policy.dtype)
            for i in self._facts.inputs
        ]
        return Description(tensors, self._edges([t.layer for t in tensors], given))

    def _edges(self, layers: list[str], given: list[jax.Array]) -> Edges:
        """Of the module's jaxpr, whose first inputs are the weights."""
        self._model.eval()
        graphdef, state = nnx.split(self._model)
        values = [variable.get_value() for _, variable, _ in named_weights(self._model)]

        def run(values: list[Any], given: list[Any]) -> list[Any]:
            model = nnx.merge(graphdef, state, copy=True)
            for (_, variable, _), value in zip(named_weights(model), values, strict=True):
                variable.set_value(value)
            result = model(*given)
            results = list(result) if isinstance(result, tuple | list) else [result]
            if len(results) != len(self._facts.outputs):
                raise Unavailable(
                    f"your module has {len(results)} output(s), and the network has "
                    f"{len(self._facts.outputs)}"
                )
            return results

        jaxpr = jax.make_jaxpr(run)(values, given).jaxpr
        weights = dict(zip(map(id, jaxpr.invars), layers, strict=False))
        inputs = [id(variable) for variable in jaxpr.invars[len(layers) :]]
        outputs = [id(variable) for variable in jaxpr.outvars]
        return dataflow(steps_of(jaxpr), weights, inputs, outputs)

    def dropping(self) -> list[Dropping]:
        return [
            Dropping(path, float(layer.rate))
            for path, layer in self._modules.items()
            if type(layer) is nnx.Dropout and layer.rate
        ]

    def kind(self, layer: str) -> str:
        module = self._modules.get(layer)
        return "Param" if module is None else type(module).__name__

    def network(self, facts: Facts, weights: Mapping[str, Array]) -> JaxNetwork:
        for name, variable, axes in named_weights(self._model):
            # As they are: the network casts them.
            variable.set_value(jnp.asarray(weights[name].transpose(axes)))
        names: Any = SimpleNamespace(named_weights=named_weights, named_layers=named_layers)
        return JaxNetwork(self._model, names, facts, self._policy)

    def locate(
        self, source: Path, weights: Path, inputs: Arrays, pairs: Sequence[tuple[str, str]]
    ) -> None:
        """Nothing: compiled functions have no hooks."""


def named_layers(model: nnx.Module) -> Iterator[tuple[str, nnx.Module]]:
    """All modules by path."""
    for path, node in nnx.iter_graph(model):
        if isinstance(node, nnx.Module):
            yield ".".join(map(str, path)), node


def named_weights(model: nnx.Module) -> Iterator[tuple[str, Any, tuple[int, ...]]]:
    """Names, variables, and the axes that lead from PyTorch's layout to these."""
    for path, node in nnx.iter_graph(model):
        if isinstance(node, nnx.Param | nnx.BatchStat):
            axes = tuple(range(node.ndim))
            is_kernel = path[-1] == "kernel" and len(axes) > 1
            yield ".".join(map(str, path)), node, (*axes[2:], 1, 0) if is_kernel else axes


def steps_of(jaxpr: Any) -> Iterator[Step]:
    """The operations of a jaxpr, values told apart by their variables' `id`. What a compiled or
    differentiable function has inside stands in its place."""
    for equation in jaxpr.eqns:
        inner = equation.params.get("jaxpr") or equation.params.get("call_jaxpr")
        inner = getattr(inner, "jaxpr", inner)
        if inner is not None and len(inner.invars) == len(equation.invars):
            yield from _copies(equation.invars, inner.invars)
            yield from steps_of(inner)
            yield from _copies(inner.outvars, equation.outvars)
        else:
            yield Step(tuple(map(id, equation.invars)), tuple(map(id, equation.outvars)))


def _copies(given: list[Any], taken: list[Any]) -> Iterator[Step]:
    for one, other in zip(given, taken, strict=True):
        yield Step((id(one),), (id(other),))
