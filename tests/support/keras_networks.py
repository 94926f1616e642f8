"""A generated Keras network beside the interpreter of its graph: the same weights, inputs and
masks, in float64, so that what is left between them is rounding."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

# Read when the frameworks are imported.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
import torch
from compiled import source_of
from interpreter import Run, random_input, random_weights
from safetensors.numpy import save_file

from resdsl.codegen.lower.dialect import pascal
from resdsl.ir.graph import Graph

BATCH = 3
_numbers = count()


@contextmanager
def policy(dtype: str) -> Iterator[None]:
    """Every layer made inside has this type."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def module_of(graph: Graph) -> ModuleType:
    """The generated file as a module."""
    module = ModuleType(f"generated_tensorflow_{next(_numbers)}")
    sys.modules[module.__name__] = module
    exec(compile(source_of(graph, "tensorflow"), module.__name__, "exec"), module.__dict__)
    return module


def model_of(module: ModuleType, graph: Graph, **arguments: Any) -> keras.Model:
    """An instance of the model's class."""
    return getattr(module, pascal(graph.name))(**arguments)


@dataclass
class Results:
    """What was computed, channels first and under canonical names."""

    output: Any
    input_gradient: Any = None
    gradients: dict[str, Any] = field(default_factory=dict)
    statistics: dict[str, Any] = field(default_factory=dict)


class Networks:
    """One graph in Keras and in the interpreter."""

    def __init__(self, graph: Graph, folder: Path, **arguments: Any) -> None:
        self.graph = graph
        self.weights = {name: value.float() for name, value in random_weights(graph).items()}
        path = folder / "weights.safetensors"
        save_file({name: value.numpy() for name, value in self.weights.items()}, path)
        self.module = module_of(graph)
        self.model = model_of(self.module, graph, **arguments)
        self.module.load_weights(self.model, str(path))
        self.held = {name: rest for name, *rest in self.module.named_weights(self.model)}
        self.input = random_input(graph, BATCH)
        random = np.random.default_rng(2)
        self.output_gradient = random.standard_normal((BATCH, *graph.output_types[0].shape))
        self.masks = {
            n.path: (random.random((BATCH, *n.op.mask_shape(graph.types[n.output]))) >= 0.5) * 1.0
            for n in graph.nodes
            if n.op.stochastic
        }
        self._inject()

    def compare(self, *, training: bool, compiled: bool = False, tolerance: float = 1e-12) -> None:
        """Output, gradients and statistics of both are equal up to rounding."""
        expected = self.interpreted(training=training)
        got = self.run(training=training, compiled=compiled)
        assert_close(got.output, expected.output, "output", tolerance)
        assert_close(got.input_gradient, expected.input_gradient, "input's gradient", tolerance)
        assert_all_close(got.gradients, expected.gradients, tolerance)
        assert_all_close(got.statistics, expected.statistics, tolerance)

    # ---- Keras ----------------------------------------------------------------------------------

    def run(self, *, training: bool, compiled: bool = False) -> Results:
        """One pass forward and back."""
        learned = [name for name in self.held if "running_" not in name]

        def step(x: Any, dy: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = self.model(x, training=training)
            sources = [x, *(self.held[name][0].value for name in learned)]
            found = tape.gradient(y, sources, output_gradients=dy)
            return y, found[0], dict(zip(learned, found[1:], strict=True))

        step = tf.function(step) if compiled else step
        y, dx, gradients = step(native(self.input.numpy()), native(self.output_gradient))
        assert y.dtype == tf.float64
        return Results(
            foreign(y),
            foreign(dx),
            {name: self.canonical(name, gradients[name]) for name in learned},
            self.statistics() if training else {},
        )

    def statistics(self) -> dict[str, Any]:
        return {n: v.numpy() for n, (v, _) in self.held.items() if "running_" in n}

    def canonical(self, name: str, value: Any) -> Any:
        axes, array = self.held[name][1], np.asarray(value)
        return array if axes is None else array.transpose(np.argsort(axes))

    def _inject(self) -> None:
        layers = dict(self.module.named_layers(self.model))
        for path in self.masks:
            layers[path].call = self._dropout(path, layers[path].rate)

    def _dropout(self, path: str, rate: float) -> Callable[..., Any]:
        factor = native(self.masks[path] / (1 - rate))
        return lambda inputs, training=False: inputs * factor if training else inputs

    # ---- the interpreter ------------------------------------------------------------------------

    def interpreted(self, *, training: bool) -> Results:
        """The same from the graph alone."""
        weights = {name: value.double() for name, value in self.weights.items()}
        learned = {n: v.requires_grad_() for n, v in weights.items() if "running_" not in n}
        masks = {path: torch.from_numpy(mask) for path, mask in self.masks.items()}
        run = Run(weights, training=training, masks=masks)
        x = self.input.clone().requires_grad_()
        y = run(self.graph, x)
        y.backward(torch.from_numpy(self.output_gradient))
        return Results(
            y.detach().numpy(),
            x.grad.numpy(),
            {name: value.grad.numpy() for name, value in learned.items()},
            {name: value.detach().numpy() for name, value in run.statistics.items()},
        )


def native(array: Any) -> Any:
    """Channels last, as TensorFlow has it."""
    return tf.constant(np.moveaxis(array, 1, -1) if array.ndim > 2 else array)


def foreign(tensor: Any) -> Any:
    """Channels first again."""
    array = np.asarray(tensor)
    return np.moveaxis(array, -1, 1) if array.ndim > 2 else array


def assert_all_close(got: Mapping[str, Any], expected: Mapping[str, Any], tolerance: float) -> None:
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        assert_close(got[name], value, name, tolerance)


def assert_close(got: Any, expected: Any, what: str, tolerance: float) -> None:
    """Equal, relative to the largest entry, or to one where there is only rounding."""
    assert got.shape == expected.shape, what
    scale = max(np.abs(expected).max(), 1.0)
    difference = np.abs(got - expected).max() / scale
    assert difference <= tolerance, f"{what}: {difference:.1e} apart"
