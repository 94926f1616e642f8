"""Faults in TensorFlow and Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from mutation.arrays import Sides
from mutation.layers import Change, FaultyLayers

_NAMES = {"weight": ("_kernel", "gamma", "kernel"), "bias": ("bias", "beta")}


class TensorFlowArrays:
    """TensorFlow's tensors."""

    exp = staticmethod(tf.exp)
    tanh = staticmethod(tf.tanh)
    erf = staticmethod(tf.math.erf)
    sqrt = staticmethod(tf.sqrt)
    where = staticmethod(tf.where)
    einsum = staticmethod(tf.einsum)
    stop = staticmethod(tf.stop_gradient)
    cast = staticmethod(tf.cast)
    transpose = staticmethod(tf.transpose)

    def last(self, x: Any) -> Any:
        return x

    def first(self, x: Any) -> Any:
        return x

    def reshape(self, x: Any, shape: Sequence[int | None]) -> Any:
        # While Keras builds a model, the number of samples is not known.
        return tf.reshape(x, [-1 if size is None else size for size in shape])

    def mean(self, x: Any, axes: Sequence[int]) -> Any:
        return tf.reduce_mean(x, list(axes), keepdims=True)

    def sum(self, x: Any, axes: Sequence[int]) -> Any:
        return tf.reduce_sum(x, list(axes), keepdims=True)

    def max(self, x: Any, axes: Sequence[int]) -> Any:
        return tf.reduce_max(x, list(axes), keepdims=True)

    def pad(self, x: Any, sides: Sides, value: float) -> Any:
        return tf.pad(x, sides, constant_values=tf.constant(value, x.dtype))

    def concat(self, parts: Sequence[Any], axis: int) -> Any:
        return tf.concat(list(parts), axis)

    def flip(self, x: Any, axes: Sequence[int]) -> Any:
        return tf.reverse(x, list(axes))

    def like(self, values: np.ndarray, x: Any) -> Any:
        return tf.constant(values, x.dtype)


class TensorFlowFaulty(FaultyLayers):
    """Wrong layers of Keras's."""

    a = TensorFlowArrays()

    def around(self, layer: layers.Layer, change: Change) -> layers.Layer:
        inner = layer.call

        @tf.autograph.experimental.do_not_convert
        def call(inputs: Any, **options: Any) -> Any:
            if inputs.shape[0] is None:
                # Keras builds the model, and asks for shapes alone.
                return inner(inputs, **options)
            self._mode[id(layer)] = bool(options.get("training"))
            return change(layer, lambda x, **more: inner(x, **{**options, **more}), inputs)

        # An instance's own `call` wins over its class's.
        object.__setattr__(layer, "call", call)
        return layer

    #: Whether the last call of a layer was one of training.
    _mode: ClassVar[dict[int, bool]] = {}

    def layer_at(self, model: layers.Layer, path: str, file: dict[str, Any]) -> layers.Layer:
        return dict(file["named_layers"](model))[path]

    def with_weight(
        self, layer: layers.Layer, name: str, change: Callable[[Any], Any]
    ) -> layers.Layer:
        def called(own: layers.Layer, call: Any, x: Any) -> Any:
            native = self._native(own, name)
            kept = getattr(own, native)
            # Keras would take what is set the usual way for a part of the layer.
            object.__setattr__(own, native, change(kept.value))
            y = call(x)
            object.__setattr__(own, native, kept)
            return y

        return self.around(layer, called)

    def _native(self, layer: layers.Layer, name: str) -> str:
        return next(n for n in _NAMES[name] if getattr(layer, n, None) is not None)

    def weight_of(self, layer: layers.Layer, name: str) -> Any:
        return getattr(layer, self._native(layer, name)).value

    def statistics(self, layer: layers.BatchNormalization) -> tuple[Any, Any]:
        return tf.identity(layer.moving_mean.value), tf.identity(layer.moving_variance.value)

    def keep_statistics(self, layer: layers.BatchNormalization, mean: Any, variance: Any) -> None:
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(variance)

    def is_training(self, layer: layers.Layer) -> bool:
        return self._mode[id(layer)]

    def in_mode(self, layer: layers.Layer, call: Any, x: Any, *, training: bool) -> Any:
        return call(x, training=training)

    def share(self, layer: layers.BatchNormalization) -> float:
        return 1 - layer.momentum

    def epsilon(self, layer: layers.Layer) -> float:
        return layer.epsilon

    def kernel_axes(self, weight: Any) -> tuple[tuple[int, ...], int, int]:
        rank = len(weight.shape)
        return tuple(range(rank - 2)), rank - 2, rank - 1

    # ---- attributes -----------------------------------------------------------------------------

    def eps(self, layer: layers.Layer, value: float) -> layers.Layer:
        layer.epsilon = value
        return layer

    def momentum(self, layer: layers.BatchNormalization, share: float) -> layers.Layer:
        layer.momentum = 1 - share
        return layer

    def rounded_momentum(self, layer: layers.BatchNormalization) -> layers.Layer:
        layer.momentum = float(np.float32(layer.momentum))
        return layer

    def groups(self, layer: layers.GroupNormalization, groups: int) -> layers.Layer:
        layer.groups = groups
        return layer

    def undilated(self, layer: layers.Conv2D) -> layers.Layer:
        if max(layer.dilation_rate) > 1:
            layer.frame, layer.padding, layer.dilation_rate = layers.Identity(), "same", (1, 1)
        return layer

    def same_padding(self, layer: layers.Conv2D) -> layers.Layer:
        """At stride 2 on an even size, at the bottom and right alone."""
        layer.frame, layer.padding = layers.Identity(), "same"
        return layer

    def symmetric_padding(self, layer: layers.Conv2D) -> layers.Layer:
        layer.frame, layer.padding = layers.ZeroPadding2D(layer.kernel_size[0] // 2), "valid"
        return layer

    def moved_stride(self, one: layers.Conv2D, other: layers.Conv2D) -> None:
        one.strides, other.strides = other.strides, one.strides

    def pool(self, _: Any, name: str, *arguments: Any) -> layers.Layer:
        """Another pool in a sequence."""
        return layers.Lambda(lambda x: getattr(self, name)(x, *arguments))

    def rate(self, layer: layers.Dropout, factor: float) -> layers.Layer:
        layer.rate *= factor
        return layer

    def rate_of(self, layer: layers.Dropout) -> float:
        return layer.rate

    def nothing(self, _: layers.Layer) -> layers.Layer:
        return keras.layers.Identity()

    def entrywise(self, layer: layers.Dropout) -> layers.Layer:
        layer.noise_shape = None
        return layer


wrong = TensorFlowFaulty()
