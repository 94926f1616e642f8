"""A Keras network whose values are watched: calls of its layers, and the file's `probe` calls.

Nothing is made a graph of: TensorFlow runs one operation after another, so that every value is
there when it is made, and every gradient when it arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from resdsl.codegen.lower.dialect import PROBE
from resdsl.codegen.probes import Sites, Watch, tapped
from resdsl.codegen.runtime import Array, Arrays, Batch, Facts, Outcome, Policy

from .runtime import TensorFlowNetwork, as_numpy, channels_first, channels_last, loss_of_outputs


class ProbedTensorFlowNetwork(TensorFlowNetwork):
    """A Keras model with a probe at every value."""

    def __init__(self, model: Any, module: ModuleType, facts: Facts, policy: Policy) -> None:
        super().__init__(model, module, facts, policy)
        self._sites = Sites(facts)
        self._watch: Watch | None = None
        #: Watched by the tape, so that a gradient arrives where no weight comes before a value too.
        self._anchor: Any = None
        self._scopes = {id(layer): path for path, layer in _layers(model, "")}
        self.complete = hasattr(module, PROBE)
        if self.complete:
            setattr(module, PROBE, self._probe)

    def watched_infer(self, inputs: Arrays, watch: Watch) -> Arrays:
        with self._watching(watch):
            return self._arrays(self._forward(self._native(inputs), training=False))

    def watched_step(self, batch: Batch, watch: Watch) -> Outcome:
        names = self._facts.parameters
        self._take(self._native(batch.masks))
        anchor = tf.zeros((), self._dtype)
        with self._watching(watch), tf.GradientTape() as tape:
            tape.watch(anchor)
            self._anchor = anchor
            outputs = self._forward(self._native(batch.inputs), training=True)
            loss = loss_of_outputs(outputs, self._native(batch.targets), batch.loss)
            with tape.stop_recording():
                held = [self._held[name] for name in names]
                found = tape.gradient(loss, [*held, anchor], unconnected_gradients="zero")
        gradients = dict(zip(names, found, strict=False))

        def copies() -> Iterator[tuple[str, Array]]:
            for name in names:
                yield name, self._canonical(name, tf.convert_to_tensor(gradients[name]))

        return Outcome(self._arrays(outputs), float(loss), copies)

    @contextmanager
    def _watching(self, watch: Watch) -> Iterator[None]:
        """Look at every call of a layer, until the pass ends."""
        self._watch, self._anchor = watch, None
        self._sites.begin()
        own = keras.layers.Layer.__call__

        def call(layer: Any, *inputs: Any, **options: Any) -> Any:
            value = own(layer, *inputs, **options)
            path = self._scopes.get(id(layer))
            if path is None:
                return value
            return self._seen(value, lambda n: self._sites.called(path, n))

        keras.layers.Layer.__call__ = call
        try:
            yield
        finally:
            keras.layers.Layer.__call__ = own
            self._watch = self._anchor = None

    def _probe(self, layer: Any, label: str, value: Any) -> Any:
        if self._watch is None:
            return value
        scope = self._scopes[id(layer)]
        return self._seen(value, lambda n: self._sites.labelled(scope, label, n))

    def _seen(self, value: Any, names_of: Callable[[int], list[str] | None]) -> Any:
        return tapped(value, names_of, self._tapped)

    def _tapped(self, name: str, value: Any) -> Any:
        watch = self._watch
        assert watch is not None
        if name not in watch.names:
            return value
        watch.value(name, channels_first(as_numpy(value)))
        instead = value if name not in watch.forced else self._given(watch.forced[name])
        if self._anchor is None:
            return instead

        def backward(gradient: Any) -> tuple[Any, Any]:
            arrived = tf.convert_to_tensor(gradient)
            if watch.gradient is not None:
                watch.gradient(name, channels_first(as_numpy(arrived)))
            forced = watch.forced_gradients.get(name)
            sent = arrived if forced is None else self._given(forced)
            if sent.shape != value.shape:
                # An operation that leaves another shape than the reference's.
                sent = tf.zeros_like(value)
            return sent, tf.zeros((), self._dtype)

        tap = tf.custom_gradient(lambda value, anchor: (instead, backward))
        return tap(value, self._anchor)

    def _given(self, array: Array) -> Any:
        return tf.constant(np.ascontiguousarray(channels_last(array)), self._dtype)


def _layers(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
    """All layers with their paths; lists and dictionaries of layers are part of them."""
    if isinstance(layer, keras.layers.Layer):
        yield path, layer
    if isinstance(layer, dict):
        children: Any = layer.items()
    elif isinstance(layer, keras.Sequential | list):
        children = enumerate(getattr(layer, "layers", layer))
    else:
        children = vars(layer).items()
    for name, child in children:
        # Names that begin with `_` are Keras's own, and end in one where a label begins so.
        own = str(name)[0] == "_" and str(name)[-1] != "_"
        if isinstance(child, keras.layers.Layer | list | dict) and not own:
            yield from _layers(child, f"{path}.{name}".strip(".").rstrip("_"))
