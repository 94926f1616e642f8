"""Gradients of a printed Keras network, taken by a loss in NumPy, for tests of its trainer."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# Read when the frameworks are imported.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from resdsl.ir.graph import Graph

Array = np.ndarray[Any, Any]
Arrays = dict[str, Array]


@contextmanager
def settings() -> Iterator[None]:
    """What a script sets for its whole process is taken back."""
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


def model_of(script: ModuleType, graph: Graph) -> keras.Model:
    """A new model of the class that a script trains."""
    made: keras.Model = next(v for k, v in vars(script).items() if k.lower() == graph.name)()
    return made


def loss_of(logits: Array, labels: Array, smoothing: float) -> tuple[float, Array, int]:
    """The mean over the batch of -sum(t log softmax(y)), its gradient by y, and right answers."""
    logits = logits.astype(np.float64)
    count, classes = logits.shape
    t = np.eye(classes)[labels] if labels.ndim == 1 else labels.astype(np.float64)
    right = int((logits.argmax(1) == t.argmax(1)).sum())
    t = (1 - smoothing) * t + smoothing / classes
    powers = np.exp(logits - logits.max(1, keepdims=True))
    shares = powers / powers.sum(1, keepdims=True)
    loss = -(t * np.log(shares)).sum(1).mean()
    return float(loss), (shares * t.sum(1, keepdims=True) - t) / count, right


class Gradients:
    """A model that is given its weights with every batch, outside of any `tf.function`."""

    def __init__(self, script: ModuleType, graph: Graph, smoothing: float) -> None:
        self._model, self._smoothing = model_of(script, graph), smoothing
        self._named = {name: (v, axes) for name, v, axes in script.named_weights(self._model)}

    def __call__(
        self, weights: Mapping[str, Array], images: Array, labels: Array
    ) -> tuple[float, int, Arrays, Arrays]:
        """Loss, right answers, gradients, and the running statistics afterwards."""
        self._fill(weights)
        trained = {name: v.value for name, (v, _) in self._named.items() if v.trainable}
        with tf.GradientTape() as tape:
            logits = self._model(images, training=True)
        loss, slope, right = loss_of(logits.numpy(), labels, self._smoothing)
        slope = tf.constant(slope, logits.dtype)
        found = tape.gradient(logits, trained, slope, unconnected_gradients="zero")
        gradients = {name: self._canonical(name, gradient) for name, gradient in found.items()}
        rest = self._named.keys() - gradients.keys()
        statistics = {name: self._canonical(name, self._named[name][0]) for name in rest}
        return loss, right, gradients, statistics

    def logits(self, weights: Mapping[str, Array], images: Array) -> Array:
        """What the model says in evaluation."""
        self._fill(weights)
        found: Array = self._model(images, training=False).numpy()
        return found

    def _fill(self, weights: Mapping[str, Array]) -> None:
        for name, (variable, axes) in self._named.items():
            variable.assign(weights[name].transpose(axes))

    def _canonical(self, name: str, value: Any) -> Array:
        array: Array = value.numpy()
        return array.transpose(np.argsort(self._named[name][1]))
