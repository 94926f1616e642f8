"""Runs a generated Keras 3 file on TensorFlow for parity: eval, train mode, gradients, SGD steps.

Imported by a worker process only. Outside are NumPy arrays, channels first, under canonical names;
inside NHWC, and weights in Keras's layouts, moved by the axes that `named_weights` gives.
Keras's own SGD is not used: it keeps the learning rate inside the velocity, decouples the decay,
and rounds its momentum to float32.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from resdsl.codegen.runtime import (
    Array,
    Arrays,
    Batch,
    Facts,
    Outcome,
    Policy,
    Unavailable,
    Update,
    add_xla_flag,
    denormals,
    load_source,
)

# Read when the frameworks are imported.
os.environ["KERAS_BACKEND"] = "tensorflow"
# As it is by itself on x86: float32 has gradients of some convolutions on the CPU there alone.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

from .masks import inject

if TYPE_CHECKING:
    from .probes import ProbedTensorFlowNetwork

Tensors = dict[str, Any]


#: The smallest normal float32.
TINY = 2.0**-126


class TensorFlowRuntime:
    """TensorFlow in this process."""

    def apply(self, policy: Policy) -> dict[str, Any]:
        self.configure(policy)
        return self.in_force(policy)

    def configure(self, policy: Policy) -> None:
        """Settings, and no operation: those that start TensorFlow come behind all of them."""
        gpus = tf.config.list_physical_devices("GPU")
        if policy.device == "cpu":
            tf.config.set_visible_devices([], "GPU")
        elif not gpus:
            raise Unavailable(
                f"TensorFlow {tf.__version__} finds no GPU here",
                "use `--device cpu`, or install `tensorflow[and-cuda]`",
            )
        tf.config.threading.set_intra_op_parallelism_threads(policy.threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        # Not enable_op_determinism(): with it, some gradients that Keras compiles raise.
        if policy.device == "cuda" and policy.deterministic:
            # Read with the first operation on the GPU: cuDNN's first choice, not the fastest.
            os.environ["TF_CUDNN_DETERMINISTIC"] = "1"
            os.environ["TF_CUDNN_USE_AUTOTUNE"] = "0"
            add_xla_flag("--xla_gpu_deterministic_ops=true")
        add_xla_flag(f"--xla_allow_excess_precision={str(not policy.exact_rounding).lower()}")
        tf.config.experimental.enable_tensor_float_32_execution(policy.tf32)
        keras.config.set_floatx(policy.dtype)
        keras.config.set_dtype_policy(policy.dtype)

    def in_force(self, policy: Policy) -> dict[str, Any]:
        """What TensorFlow says of itself."""
        gpus = tf.config.get_visible_devices("GPU")
        flags = os.environ["XLA_FLAGS"]
        tf32 = tf.config.experimental.tensor_float_32_execution_enabled()
        return {
            "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
            "device": _device_name(gpus[0]) if gpus else "cpu",
            "dtype": keras.config.dtype_policy().name,
            "threads": tf.config.threading.get_intra_op_parallelism_threads(),
            "deterministic": not gpus or "deterministic_ops=true" in flags,
            "op determinism": False,
            "tf32 matmul": tf32,
            "tf32 conv": tf32,
            "excess precision": "excess_precision=true" in flags,
            "denormals": denormals(float(tf.constant(TINY, tf.float32) * 0.5)),
            "onednn": os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1",
            "keras backend": keras.config.backend(),
            "xla flags": flags,
        }

    def load(self, source: Path, facts: Facts, weights: Path, policy: Policy) -> TensorFlowNetwork:
        model, module = self._loaded(source, facts, weights)
        return TensorFlowNetwork(model, module, facts, policy)

    def load_probed(
        self, source: Path, facts: Facts, weights: Path, policy: Policy
    ) -> ProbedTensorFlowNetwork:
        from .probes import ProbedTensorFlowNetwork

        model, module = self._loaded(source, facts, weights)
        return ProbedTensorFlowNetwork(model, module, facts, policy)

    def _loaded(self, source: Path, facts: Facts, weights: Path) -> tuple[Any, ModuleType]:
        module, model_class = load_source(source, facts.class_name)
        model = model_class()
        module.load_weights(model, str(weights))
        return model, module


def _device_name(gpu: Any) -> str:
    """As NVIDIA calls it, where TensorFlow says so."""
    return str(tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name))


class TensorFlowNetwork:
    """A Keras model with hand-written SGD; masks are put into its dropout layers."""

    def __init__(self, model: Any, module: ModuleType, facts: Facts, policy: Policy) -> None:
        self._model = model
        self._facts = facts
        self._dtype = policy.dtype
        self._axes: dict[str, tuple[int, ...]] = {}
        self._held: Tensors = {}
        for name, variable, axes in module.named_weights(model):
            self._axes[name] = axes
            self._held[name] = variable.value
        #: The masks of each layer, one for every time that it runs.
        self._masks: dict[str, list[Any]] = {}
        self._step: Callable[..., Any] | None = None
        layers = dict(module.named_layers(model))
        inject(layers, facts, lambda path, _: self._masks[path].pop(0))

    def infer(self, inputs: Arrays) -> Arrays:
        return self._arrays(self._forward(self._native(inputs), training=False))

    def step(self, batch: Batch, update: Update) -> Outcome:
        if self._step is None:
            self._step = tf.function(self._training(batch.loss, update))
        outputs, loss, gradients = self._step(
            self._native(batch.inputs),
            self._native(batch.targets),
            self._native(batch.masks),
            tf.constant(update.rate, self._dtype),
        )

        def copies() -> Iterator[tuple[str, Array]]:
            for name in self._facts.parameters:
                yield name, self._canonical(name, gradients[name])

        return Outcome(self._arrays(outputs), float(loss), copies)

    def state(self, names: frozenset[str]) -> Iterator[tuple[str, Array]]:
        for weight in self._facts.weights:
            if weight.name in names:
                yield weight.name, self._canonical(weight.name, self._held[weight.name])

    def _training(self, loss_name: str, update: Update) -> Callable[..., Any]:
        names = self._facts.parameters
        velocities = {n: tf.Variable(tf.zeros_like(self._held[n]), trainable=False) for n in names}

        def step(inputs: Tensors, targets: Tensors, masks: Tensors, rate: Any) -> Any:
            self._take(masks)
            with tf.GradientTape() as tape:
                outputs = self._forward(inputs, training=True)
                loss = loss_of_outputs(outputs, targets, loss_name)
            found = tape.gradient(
                loss, [self._held[name] for name in names], unconnected_gradients="zero"
            )
            gradients = dict(zip(names, found, strict=True))
            for name in names:
                sgd(self._held[name], gradients[name], velocities[name], rate, update)
            return outputs, loss, gradients

        return step

    def _take(self, masks: Tensors) -> None:
        """Have these masks ready for the layers, one for every time that each runs."""
        self._masks = {
            path: [masks[name] for name in names] for path, names in self._facts.masked.items()
        }

    def _forward(self, inputs: Tensors, training: bool) -> Tensors:
        given = [inputs[i.name] for i in self._facts.inputs]
        result = self._model(given[0] if len(given) == 1 else given, training=training)
        results = result if isinstance(result, tuple | list) else (result,)
        return dict(zip((o.name for o in self._facts.outputs), results, strict=True))

    def _native(self, arrays: Arrays) -> Tensors:
        return {name: tf.cast(channels_last(array), self._dtype) for name, array in arrays.items()}

    def _arrays(self, tensors: Tensors) -> Arrays:
        return {name: channels_first(as_numpy(value)) for name, value in tensors.items()}

    def _canonical(self, name: str, value: Any) -> Array:
        return as_numpy(value).transpose(np.argsort(self._axes[name]))


def sgd(parameter: Any, gradient: Any, velocity: Any, rate: Any, update: Update) -> None:
    """PyTorch's SGD: decay joins the gradient before momentum, the rate stays outside."""
    velocity.assign(update.momentum * velocity + (gradient + update.decay * parameter))
    parameter.assign_sub(rate * velocity)


def loss_of_outputs(outputs: Tensors, targets: Tensors, name: str) -> Any:
    parts = []
    for output, t in targets.items():
        y = outputs[output]
        if name == "cross_entropy":
            # The maximum only keeps exp() in range; its gradient would cancel.
            y = y - tf.stop_gradient(tf.reduce_max(y, axis=1, keepdims=True))
            y = y - tf.math.log(tf.reduce_sum(tf.exp(y), axis=1, keepdims=True))
            parts.append(-tf.reduce_mean(tf.reduce_sum(t * y, axis=1)))
        else:
            parts.append(tf.reduce_mean(tf.square(y - t)) / 2)
    return tf.add_n(parts)


def as_numpy(value: Any) -> Array:
    """As NumPy has it, which has no bfloat16: float32 holds its numbers as they are."""
    array: Array = (tf.cast(value, tf.float32) if value.dtype == tf.bfloat16 else value).numpy()
    return array


def channels_last(array: Array) -> Array:
    return np.moveaxis(array, 1, -1) if array.ndim > 2 else array


def channels_first(array: Array) -> Array:
    return np.moveaxis(array, -1, 1) if array.ndim > 2 else array
