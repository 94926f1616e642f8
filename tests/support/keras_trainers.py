"""Printed trainers for Keras, imported, and gradients of the same network taken step by step."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

# Read when the frameworks are imported.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from recipe_formulas import Array, Arrays, loss_of

from resdsl.codegen.backend import get_backend
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)


@contextmanager
def settings() -> Iterator[None]:
    """What a script sets for its whole process is taken back."""
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


def script_of(graph: Graph, recipe: Recipe, folder: Path, name: str = "tensorflow") -> ModuleType:
    """The script that a backend prints, as a module, with the network's file beside it."""
    backend = get_backend(name)
    assert backend.emit is not None and backend.emit_trainer is not None
    model = backend.file_name(graph.name)
    (folder / model).write_text(backend.emit(graph))
    path = folder / backend.trainer_name(graph.name)
    path.write_text(backend.emit_trainer(graph, recipe))
    sys.modules.pop(Path(model).stem, None)
    sys.path.insert(0, str(folder))
    try:
        spec = spec_from_file_location(f"printed_{folder.name}_{name}", path)
        assert spec is not None and spec.loader is not None
        script = sys.modules[spec.name] = module_from_spec(spec)
        spec.loader.exec_module(script)
    finally:
        sys.path.remove(str(folder))
    return script


class Gradients:
    """A Keras model that is given its weights for every batch, and asked for their gradients."""

    def __init__(self, script: ModuleType, model: keras.Model, recipe: Recipe) -> None:
        self._model, self._recipe = model, recipe
        self._named = {name: (v, axes) for name, v, axes in script.named_weights(model)}
        self.parameters = [name for name, (v, _) in self._named.items() if v.trainable]

    def weights(self) -> Arrays:
        return {n: v.numpy().transpose(np.argsort(axes)) for n, (v, axes) in self._named.items()}

    def __call__(
        self, weights: Mapping[str, Array], images: Array, labels: Array
    ) -> tuple[float, int, Arrays, Arrays]:
        """Loss, right answers, gradients, and the running statistics afterwards."""
        self._fill(weights)
        variables = [self._named[name][0].value for name in self.parameters]
        with tf.GradientTape() as tape:
            logits = self._model(images, training=True)
        loss, slope, right = loss_of(logits.numpy().astype(np.float64), labels, self._recipe)
        found = tape.gradient(
            logits, variables, tf.constant(slope, logits.dtype), unconnected_gradients="zero"
        )
        gradients = {
            name: g.numpy().transpose(np.argsort(self._named[name][1]))
            for name, g in zip(self.parameters, found, strict=True)
        }
        statistics = {n: v for n, v in self.weights().items() if n not in gradients}
        return loss, right, gradients, statistics

    def evaluated(
        self, weights: Mapping[str, Array], images: Array, labels: Array
    ) -> tuple[float, int]:
        """The summed loss without smoothing, and right answers; -1 labels padding."""
        self._fill(weights)
        logits = self._model(images, training=False).numpy()[labels >= 0]
        plain = Recipe("plain", self._recipe.data, self._recipe.schedule, self._recipe.optimizer)
        loss, _, right = loss_of(logits, labels[labels >= 0], plain)
        return loss * len(logits), right

    def _fill(self, weights: Mapping[str, Array]) -> None:
        for name, (variable, axes) in self._named.items():
            variable.assign(weights[name].transpose(axes))


def batches(count: int, samples: int, probabilities: bool = False) -> list[tuple[Array, Array]]:
    """Seeded noise of 8 x 8 x 3 with labels of five classes."""
    rng = np.random.default_rng(7)
    images = rng.standard_normal((count, samples, 8, 8, 3)).astype(np.float32)
    labels: Any = rng.integers(5, size=(count, samples))
    if probabilities:
        labels = rng.dirichlet(np.ones(5), size=(count, samples)).astype(np.float32)
    return list(zip(images, labels, strict=True))
