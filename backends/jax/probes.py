"""A Flax network whose values are watched: calls of its layers, and the file's `probe` calls.

Nothing is compiled as a whole: JAX runs one operation after another, so that every value is there
when it is made, and every gradient when it arrives. Python looks `__call__` up on the type, so for
the time of a pass the types of the layers are changed, and instances are told apart by identity:
they are new in every pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from resdsl.codegen.lower.dialect import PROBE
from resdsl.codegen.probes import Sites, Watch, tapped
from resdsl.codegen.runtime import Array, Arrays, Batch, Facts, Outcome, Policy

from .runtime import JaxNetwork, Tree, as_numpy, channels_first, channels_last, loss_of_outputs


class ProbedJaxNetwork(JaxNetwork):
    """A module with a probe at every value."""

    def __init__(self, model: nnx.Module, module: ModuleType, facts: Facts, policy: Policy) -> None:
        super().__init__(model, module, facts, policy)
        self._sites = Sites(facts)
        self._watch: Watch | None = None
        #: Differentiated by, so that a gradient arrives even where no weight comes before a value.
        self._anchor: Any = None
        self._scopes: dict[int, str] = {}
        self._running: set[int] = set()
        self._patches = ExitStack()
        self.complete = hasattr(module, PROBE)
        if self.complete:
            setattr(module, PROBE, self._probe)

    def watched_infer(self, inputs: Arrays, watch: Watch) -> Arrays:
        self._begin(watch)
        with self._patches:
            outputs, _ = self._eval(self._parameters, self._statistics, self._native(inputs), {})
        return self._arrays(outputs)

    def watched_step(self, batch: Batch, watch: Watch) -> Outcome:
        self._begin(watch)
        inputs, masks = self._native(batch.inputs), self._native(batch.masks)
        targets = self._native(batch.targets)

        def loss_of(parameters: Tree, anchor: Any) -> Any:
            self._anchor = anchor
            outputs, statistics = self._train(parameters, self._statistics, inputs, masks)
            return loss_of_outputs(outputs, targets, batch.loss), (outputs, statistics)

        differentiate = jax.value_and_grad(loss_of, argnums=(0, 1), has_aux=True)
        with self._patches:
            anchor = jnp.zeros((), self._dtype)
            (loss, (outputs, statistics)), (gradients, _) = differentiate(self._parameters, anchor)
        self._statistics, self._anchor = statistics, None

        def copies() -> Iterator[tuple[str, Array]]:
            for name in self._facts.parameters:
                yield name, self._canonical(name, gradients[name])

        return Outcome(self._arrays(outputs), float(loss), copies)

    def _begin(self, watch: Watch) -> None:
        self._watch, self._anchor = watch, None
        self._sites.begin()

    # ---- calls of layers ------------------------------------------------------------------------

    def _begin_run(self, network: nnx.Module, masks: Tree) -> None:
        super()._begin_run(network, masks)
        if self._watch is None:
            return
        self._scopes = {}
        owners: dict[type | None, None] = {}
        for path, layer, is_item in _modules(network, ""):
            self._scopes[id(layer)] = path
            if not is_item:
                made = (c for c in type(layer).__mro__ if "__call__" in vars(c))
                owners[next(made, None)] = None  # a list of layers is not called
        items = {id(layer) for _, layer, is_item in _modules(network, "") if is_item}
        for owner in owners:
            if owner not in (None, nnx.Sequential):
                self._patch(owner, self._watched_call(vars(owner)["__call__"], items))
        self._patch(nnx.Sequential, lambda sequence, x: self._sequence(sequence, x))
        self._patches.callback(self._scopes.clear)

    def _patch(self, owner: type, call: Callable[..., Any]) -> None:
        own = vars(owner)["__call__"]
        setattr(owner, "__call__", call)  # noqa: B010 (mypy knows it as a method)
        self._patches.callback(setattr, owner, "__call__", own)

    def _watched_call(self, own: Callable[..., Any], items: set[int]) -> Callable[..., Any]:
        """A layer's call, looked at from outside: what it calls of its base's is not."""

        def call(layer: Any, *inputs: Any, **options: Any) -> Any:
            key = id(layer)
            if key in self._running or key in items or key not in self._scopes:
                return own(layer, *inputs, **options)
            self._running.add(key)
            try:
                value = own(layer, *inputs, **options)
            finally:
                self._running.discard(key)
            return self._called(self._scopes[key], value)

        return call

    def _sequence(self, sequence: Any, x: Any) -> Any:
        """A sequence, whose items may be plain functions."""
        scope = self._scopes[id(sequence)]
        for number, item in enumerate(sequence.layers):
            x = self._called(f"{scope}.{number}".removeprefix("."), item(x))
        return x

    def _called(self, path: str, value: Any) -> Any:
        return self._seen(value, lambda n: self._sites.called(path, n))

    def _probe(self, layer: nnx.Module, label: str, value: Any) -> Any:
        if self._watch is None:
            return value
        scope = self._scopes[id(layer)]
        return self._seen(value, lambda n: self._sites.labelled(scope, label, n))

    # ---- values ---------------------------------------------------------------------------------

    def _seen(self, value: Any, names_of: Callable[[int], list[str] | None]) -> Any:
        return tapped(value, names_of, self._tapped)

    def _tapped(self, name: str, value: jax.Array) -> jax.Array:
        watch = self._watch
        assert watch is not None
        if name not in watch.names:
            return value

        def kept(value: jax.Array) -> jax.Array:
            watch.value(name, channels_first(as_numpy(value)))
            return value if name not in watch.forced else self._given(watch.forced[name])

        if self._anchor is None:
            return kept(value)

        def backward(_: None, gradient: jax.Array) -> tuple[jax.Array, jax.Array]:
            if watch.gradient is not None:
                watch.gradient(name, channels_first(as_numpy(gradient)))
            forced = watch.forced_gradients.get(name)
            sent = gradient if forced is None else self._given(forced)
            if sent.shape != value.shape:
                # An operation that leaves another shape than the reference's.
                sent = jnp.zeros_like(value)
            return sent, jnp.zeros((), self._dtype)

        tap = jax.custom_vjp(lambda value, anchor: kept(value))
        tap.defvjp(lambda value, anchor: (kept(value), None), backward)
        tapped: jax.Array = tap(value, self._anchor)
        return tapped

    def _given(self, array: Array) -> jax.Array:
        return jnp.asarray(channels_last(array), self._dtype)


def _modules(module: nnx.Module, path: str, is_item: bool = False) -> Iterator[Any]:
    """All modules with their paths, and whether a sequence calls them."""
    yield path, module, is_item
    inside = isinstance(module, nnx.Sequential)
    children = module.layers if inside else module
    for name, child in vars(children).items():
        if isinstance(child, nnx.Module):
            # An attribute ends in `_` where its name was taken.
            yield from _modules(child, f"{path}.{name}".strip(".").rstrip("_"), inside)
