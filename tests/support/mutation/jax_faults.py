"""Faults in JAX and Flax."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

from mutation.arrays import Sides
from mutation.layers import Change, FaultyLayers

_NAMES = {"weight": ("kernel", "scale"), "bias": ("bias",)}


class JaxArrays:
    """JAX's arrays."""

    exp = staticmethod(jnp.exp)
    tanh = staticmethod(jnp.tanh)
    erf = staticmethod(jax.scipy.special.erf)
    sqrt = staticmethod(jnp.sqrt)
    where = staticmethod(jnp.where)
    einsum = staticmethod(jnp.einsum)
    stop = staticmethod(jax.lax.stop_gradient)
    reshape = staticmethod(jnp.reshape)
    transpose = staticmethod(jnp.transpose)
    flip = staticmethod(jnp.flip)

    def last(self, x: Array) -> Array:
        return x

    def first(self, x: Array) -> Array:
        return x

    def cast(self, x: Array, dtype: str) -> Array:
        return x.astype(dtype)

    def mean(self, x: Array, axes: Sequence[int]) -> Array:
        return x.mean(tuple(axes), keepdims=True)

    def sum(self, x: Array, axes: Sequence[int]) -> Array:
        return x.sum(tuple(axes), keepdims=True)

    def max(self, x: Array, axes: Sequence[int]) -> Array:
        return x.max(tuple(axes), keepdims=True)

    def pad(self, x: Array, sides: Sides, value: float) -> Array:
        return jnp.pad(x, sides, constant_values=value)

    def concat(self, parts: Sequence[Array], axis: int) -> Array:
        return jnp.concatenate(list(parts), axis)

    def like(self, values: np.ndarray, x: Array) -> Array:
        return jnp.asarray(values, x.dtype)


class JaxFaulty(FaultyLayers):
    """Wrong layers of Flax's."""

    a = JaxArrays()

    def around(self, layer: nnx.Module, change: Change) -> nnx.Module:
        kind = type(layer)

        def call(own: nnx.Module, x: Array, **options: Any) -> Array:
            own.drawing = options.get("deterministic") is False
            return change(own, lambda y: kind.__call__(own, y, **options), x)

        # Python looks `__call__` up on the type, and a merged layer is a new object of this type.
        object.__setattr__(layer, "__class__", type(kind.__name__, (kind,), {"__call__": call}))
        return layer

    def layer_at(self, model: nnx.Module, path: str, file: dict[str, Any]) -> nnx.Module:
        return dict(file["named_layers"](model))[path]

    def with_weight(
        self, layer: nnx.Module, name: str, change: Callable[[Array], Array]
    ) -> nnx.Module:
        def called(own: nnx.Module, call: Any, x: Array) -> Array:
            native = self._native(own, name)
            kept = getattr(own, native)
            setattr(own, native, nnx.Param(change(kept[...])))
            y = call(x)
            setattr(own, native, kept)
            return y

        return self.around(layer, called)

    def _native(self, layer: nnx.Module, name: str) -> str:
        return next(n for n in _NAMES[name] if getattr(layer, n, None) is not None)

    def weight_of(self, layer: nnx.Module, name: str) -> Array:
        return getattr(layer, self._native(layer, name))[...]

    def statistics(self, layer: nnx.BatchNorm) -> tuple[Array, Array]:
        return layer.mean[...], layer.var[...]

    def keep_statistics(self, layer: nnx.BatchNorm, mean: Array, variance: Array) -> None:
        layer.mean[...] = mean
        layer.var[...] = variance

    def is_training(self, layer: nnx.Module) -> bool:
        if isinstance(layer, nnx.Dropout):
            return layer.drawing or not layer.deterministic
        return not layer.use_running_average

    def in_mode(self, layer: nnx.BatchNorm, call: Any, x: Array, *, training: bool) -> Array:
        kept, layer.use_running_average = layer.use_running_average, not training
        y = call(x)
        layer.use_running_average = kept
        return y

    def share(self, layer: nnx.BatchNorm) -> float:
        return 1 - layer.momentum

    def epsilon(self, layer: nnx.Module) -> float:
        return layer.epsilon

    def kernel_axes(self, weight: Array) -> tuple[tuple[int, ...], int, int]:
        return tuple(range(weight.ndim - 2)), weight.ndim - 2, weight.ndim - 1

    # ---- attributes -----------------------------------------------------------------------------

    def eps(self, layer: nnx.Module, value: float) -> nnx.Module:
        layer.epsilon = value
        return layer

    def momentum(self, layer: nnx.BatchNorm, share: float) -> nnx.BatchNorm:
        layer.momentum = 1 - share
        return layer

    def rounded_momentum(self, layer: nnx.BatchNorm) -> nnx.BatchNorm:
        layer.momentum = float(np.float32(layer.momentum))
        return layer

    def groups(self, layer: nnx.GroupNorm, groups: int) -> nnx.GroupNorm:
        layer.group_size = layer.group_size * layer.num_groups // groups
        layer.num_groups = groups
        return layer

    def undilated(self, layer: nnx.Conv) -> nnx.Conv:
        layer.padding = tuple(k // 2 for k in layer.kernel_size)
        layer.kernel_dilation = 1
        return layer

    def same_padding(self, layer: nnx.Conv) -> nnx.Conv:
        """At stride 2 on an even size, at the bottom and right alone."""
        layer.padding = "SAME"
        return layer

    def symmetric_padding(self, layer: nnx.Conv) -> nnx.Conv:
        layer.padding = tuple((k // 2, k // 2) for k in layer.kernel_size)
        return layer

    def moved_stride(self, one: nnx.Conv, other: nnx.Conv) -> None:
        one.strides, other.strides = other.strides, one.strides

    def pool(self, _: Any, name: str, *arguments: Any) -> Callable[[Array], Array]:
        """Another pool in a sequence."""
        return lambda x: getattr(self, name)(x, *arguments)

    def rate(self, layer: nnx.Dropout, factor: float) -> nnx.Dropout:
        layer.rate *= factor
        return layer

    def rate_of(self, layer: nnx.Dropout) -> float:
        return layer.rate

    def nothing(self, _: nnx.Module) -> nnx.Module:
        return nnx.Sequential()

    def entrywise(self, layer: nnx.Dropout) -> nnx.Dropout:
        layer.broadcast_dims = ()
        return layer


wrong = JaxFaulty()
