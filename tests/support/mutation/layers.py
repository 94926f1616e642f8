"""Wrong layers, for every framework, in terms of a few things that each does its own way.

A method takes a layer as the file makes it and returns it, or another in its place, so that a
constructor's `nn.BatchNorm2d(c)` becomes `wrong.biased(nn.BatchNorm2d(c))`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from mutation.arrays import Array
from mutation.faulty import Faulty

Layer: TypeAlias = Any
#: `change(layer, call, x)`: what is left instead of `call(x)`.
Change: TypeAlias = Callable[[Layer, Callable[[Array], Array], Array], Array]


class FaultyLayers(Faulty):
    """What every framework's layers can get wrong."""

    # ---- what a framework does its own way ------------------------------------------------------

    @abstractmethod
    def around(self, layer: Layer, change: Change) -> Layer:
        """Change what calling a layer does."""

    @abstractmethod
    def with_weight(self, layer: Layer, name: str, change: Callable[[Array], Array]) -> Layer:
        """Let a layer compute with a changed `weight` or `bias`, and keep and train its own."""

    @abstractmethod
    def weight_of(self, layer: Layer, name: str) -> Array:
        """`weight` or `bias` of a layer."""

    @abstractmethod
    def statistics(self, layer: Layer) -> tuple[Array, Array]:
        """Running mean and variance as they now are."""

    @abstractmethod
    def keep_statistics(self, layer: Layer, mean: Array, variance: Array) -> None:
        """Set them."""

    @abstractmethod
    def is_training(self, layer: Layer) -> bool:
        """Whether a call of a layer is one of training."""

    @abstractmethod
    def in_mode(self, layer: Layer, call: Any, x: Array, *, training: bool) -> Array:
        """Call a layer in a mode, whatever mode it is in."""

    @abstractmethod
    def share(self, layer: Layer) -> float:
        """The new batch's share in running statistics."""

    @abstractmethod
    def epsilon(self, layer: Layer) -> float: ...

    @abstractmethod
    def kernel_axes(self, weight: Array) -> tuple[tuple[int, ...], int, int]:
        """Axes of a weight: those of positions, and of inputs and outputs."""

    # ---- kernels --------------------------------------------------------------------------------

    def flipped(self, layer: Layer) -> Layer:
        """Convolution as mathematicians have it."""
        return self.with_weight(layer, "weight", lambda w: self.a.flip(w, self.kernel_axes(w)[0]))

    def turned_kernel(self, layer: Layer) -> Layer:
        """Height and width exchanged."""

        def change(weight: Array) -> Array:
            one, other = self.kernel_axes(weight)[0]
            return self._swapped(weight, one, other)

        return self.with_weight(layer, "weight", change)

    def transposed(self, layer: Layer) -> Layer:
        """Inputs and outputs exchanged, which a square weight lets pass."""
        return self.with_weight(
            layer, "weight", lambda w: self._swapped(w, *self.kernel_axes(w)[1:])
        )

    def _swapped(self, x: Array, one: int, other: int) -> Array:
        order = list(range(len(x.shape)))
        order[one], order[other] = order[other], order[one]
        return self.a.transpose(x, order)

    def without_bias(self, layer: Layer) -> Layer:
        return self.with_weight(layer, "bias", lambda b: 0 * b)

    def without_scale(self, layer: Layer) -> Layer:
        return self.with_weight(layer, "weight", lambda w: 0 * w + 1)

    def frozen_weight(self, layer: Layer) -> Layer:
        return self.with_weight(layer, "weight", self.a.stop)

    def frozen_bias(self, layer: Layer) -> Layer:
        return self.with_weight(layer, "bias", self.a.stop)

    def extra_bias(self, layer: Layer, bias: float) -> Layer:
        """A bias that grows from channel to channel: a norm would take an even one away again."""

        def change(_: Layer, call: Any, x: Array) -> Array:
            y = self.a.last(call(x))
            return self.a.first(y + self.a.like(bias * np.arange(y.shape[-1]), y))

        return self.around(layer, change)

    def skipped(self, layer: Layer) -> Layer:
        """A layer that is there, and has its weights, and is never applied."""
        return self.around(layer, lambda _, call, x: x + 0 * call(x))

    def coarse(self, layer: Layer, dtype: str) -> Layer:
        """Input, weight and result rounded to a coarser type."""

        def change(_: Layer, call: Any, x: Array) -> Array:
            return self.rounded(call(self.rounded(x, dtype)), dtype)

        return self.around(
            self.with_weight(layer, "weight", lambda w: self.rounded(w, dtype)), change
        )

    def on_tensor_cores(self, layer: Layer) -> Layer:
        made = self.with_weight(layer, "weight", self.tf32)
        return self.around(made, lambda _, call, x: call(self.tf32(x)))

    def dealt_inputs(self, layer: Layer, groups: int) -> Layer:
        return self.around(layer, lambda _, call, x: call(self.interleaved(x, groups)))

    def dealt_outputs(self, layer: Layer, groups: int) -> Layer:
        return self.around(layer, lambda _, call, x: self.interleaved(call(x), groups))

    def standardized(self, layer: Layer, eps: float, less: int) -> Layer:
        """With another epsilon, and the variance divided by `n - less`."""

        def change(own: Layer, call: Any, x: Array) -> Array:
            weight = self.weight_of(own, "weight")
            positions, inputs, _ = self.kernel_axes(weight)
            axes = (*positions, inputs)
            centred = weight - self.a.mean(weight, axes)
            variance = self.a.mean(centred * centred, axes)
            n = float(np.prod([weight.shape[axis] for axis in axes]))
            factor = self.a.sqrt((variance + 1e-8) / (variance * n / (n - less) + eps))
            factor = self.a.reshape(factor, (-1,))
            return self.a.first(self.a.last(call(x)) * factor)

        return self.around(layer, change)

    @abstractmethod
    def layer_at(self, model: Layer, path: str, file: dict[str, Any]) -> Layer:
        """The layer of a model by its canonical path; `file` are the module's globals."""

    def tied(self, model: Layer, file: dict[str, Any], path: str, other: str) -> None:
        """A layer that computes with another layer's weight."""
        running = [model]

        def note(own: Layer, call: Any, x: Array) -> Array:
            # A framework may run a copy, whose layers are copies as well.
            running[0] = own
            return call(x)

        def change(weight: Array) -> Array:
            return 0 * weight + self.weight_of(self.layer_at(running[0], other, file), "weight")

        self.around(model, note)
        self.with_weight(self.layer_at(model, path, file), "weight", change)

    # ---- batch norms ----------------------------------------------------------------------------

    def _count(self, x: Array) -> float:
        return float(np.prod(x.shape)) / self.a.last(x).shape[-1]

    def normalized(
        self,
        layer: Layer,
        x: Array,
        axes: tuple[int, ...],
        less: int = 0,
        held: Callable[[Array], Array] = lambda x: x,
    ) -> Array:
        """By the input's own mean and variance over `axes`, the latter divided by `n - less`."""
        x = self.a.last(x)
        n = float(np.prod([x.shape[axis] for axis in axes]))
        mean = self.a.mean(x, axes)
        variance = self.a.sum((x - mean) * (x - mean), axes) / (n - less)
        y = (x - held(mean)) / self.a.sqrt(held(variance) + self.epsilon(layer))
        y = y * self.weight_of(layer, "weight") + self.weight_of(layer, "bias")
        return self.a.first(y)

    def _all_but_channels(self, x: Array) -> tuple[int, ...]:
        return tuple(range(len(x.shape) - 1))

    def biased_statistics(self, layer: Layer) -> Layer:
        """The running variance takes the batch's divided by n."""

        def change(own: Layer, call: Any, x: Array) -> Array:
            _, old = self.statistics(own)
            y = call(x)
            if self.is_training(own):
                mean, new = self.statistics(own)
                kept, n = (1 - self.share(own)) * old, self._count(x)
                self.keep_statistics(own, mean, kept + (new - kept) * (n - 1) / n)
            return y

        return self.around(layer, change)

    def unbiased_batch(self, layer: Layer) -> Layer:
        """Normalises by the variance divided by n - 1."""

        def change(own: Layer, call: Any, x: Array) -> Array:
            y = call(x)
            if not self.is_training(own):
                return y
            return self.normalized(own, x, self._all_but_channels(x), 1)

        return self.around(layer, change)

    def detached_batch(self, layer: Layer) -> Layer:
        """No gradient by way of mean and variance."""

        def change(own: Layer, call: Any, x: Array) -> Array:
            y = call(x)
            if not self.is_training(own):
                return y
            return self.normalized(own, x, self._all_but_channels(x), held=self.a.stop)

        return self.around(layer, change)

    def never_training(self, layer: Layer) -> Layer:
        return self.around(layer, lambda own, call, x: self.in_mode(own, call, x, training=False))

    def always_training(self, layer: Layer) -> Layer:
        """Evaluation by the batch's own statistics."""

        def change(own: Layer, call: Any, x: Array) -> Array:
            if self.is_training(own):
                return call(x)
            return self.normalized(own, x, self._all_but_channels(x))

        return self.around(layer, change)

    def not_updated(self, layer: Layer) -> Layer:
        def change(own: Layer, call: Any, x: Array) -> Array:
            mean, variance = self.statistics(own)
            y = call(x)
            self.keep_statistics(own, mean, variance)
            return y

        return self.around(layer, change)

    def updated_twice(self, layer: Layer) -> Layer:
        def change(_: Layer, call: Any, x: Array) -> Array:
            call(x)
            return call(x)

        return self.around(layer, change)

    # ---- other norms ----------------------------------------------------------------------------

    def unbiased_channels(self, layer: Layer) -> Layer:
        """A layer norm that divides by n - 1."""
        return self.around(layer, lambda own, _, x: self.normalized(own, x, (len(x.shape) - 1,), 1))

    def over_everything(self, layer: Layer) -> Layer:
        """A layer norm over channels and positions."""
        return self.around(
            layer, lambda own, _, x: self.normalized(own, x, tuple(range(1, len(x.shape))))
        )

    def dealt_groups(self, layer: Layer, groups: int) -> Layer:
        """Channels fall into groups in turn."""

        def change(own: Layer, _: Any, x: Array) -> Array:
            x = self.a.last(x)
            shape = tuple(x.shape)
            x = self.a.reshape(x, (*shape[:-1], shape[-1] // groups, groups))
            axes = tuple(range(1, len(shape)))
            centred = x - self.a.mean(x, axes)
            variance = self.a.mean(centred * centred, axes)
            y = self.a.reshape(centred / self.a.sqrt(variance + self.epsilon(own)), shape)
            y = y * self.weight_of(own, "weight") + self.weight_of(own, "bias")
            return self.a.first(y)

        return self.around(layer, change)

    # ---- dropout --------------------------------------------------------------------------------

    @abstractmethod
    def rate(self, layer: Layer, factor: float) -> Layer:
        """A rate that many times the right one."""

    @abstractmethod
    def rate_of(self, layer: Layer) -> float: ...

    def unscaled(self, layer: Layer) -> Layer:
        """What survives is not divided by the probability of surviving."""

        def change(own: Layer, call: Any, x: Array) -> Array:
            y = call(x)
            return y * (1 - self.rate_of(own)) if self.is_training(own) else y

        return self.around(layer, change)
