"""Wrong versions of operations, for every framework: what generated files are made to call.

A method takes what the operation was applied to, in the framework's own layout, and returns what a
slip would have made of it. Methods of layers are each framework's own, in `*_faults.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from mutation.arrays import Array, Arrays
from mutation.windows import Windows


class Faulty(Windows):
    """Wrong functions of arrays. `a` are the framework's arrays."""

    a: Arrays

    # ---- activations ----------------------------------------------------------------------------

    def identity(self, x: Array, *_: Array) -> Array:
        """Nothing at all: the operation left out."""
        return x

    def passed(self, layer: Callable[[Array], Array], x: Array) -> Array:
        """A layer that is called for nothing."""
        return x + 0 * layer(x)

    def second(self, _: Array, y: Array) -> Array:
        return y

    def relu(self, x: Array) -> Array:
        return self.a.where(x > 0, x, 0 * x)

    def relu6(self, x: Array) -> Array:
        return self.clipped(x, 0.0, 6.0)

    def clipped(self, x: Array, low: float, high: float) -> Array:
        """Within limits, beyond which there is no gradient."""
        above = self.a.where(x > low, x, 0 * x + low)
        return self.a.where(above < high, above, 0 * x + high)

    def leaky(self, x: Array, slope: float) -> Array:
        return self.a.where(x > 0, x, slope * x)

    def rounded_leaky(self, x: Array, slope: float) -> Array:
        """The slope went through float32 on its way."""
        return self.leaky(x, float(np.float32(slope)))

    def sigmoid(self, x: Array, sharpness: float = 1.0) -> Array:
        return 1 / (1 + self.a.exp(-sharpness * x))

    def hard_sigmoid(self, x: Array) -> Array:
        return self.relu6(x + 3) / 6

    def keras_hard_sigmoid(self, x: Array) -> Array:
        """Keras 2's: a slope of 0.2."""
        return self.clipped(0.2 * x + 0.5, 0.0, 1.0)

    def silu(self, x: Array, sharpness: float = 1.0) -> Array:
        return x * self.sigmoid(x, sharpness)

    def hard_swish(self, x: Array) -> Array:
        return x * self.hard_sigmoid(x)

    def gelu(self, x: Array) -> Array:
        return x * (1 + self.a.erf(x / math.sqrt(2))) / 2

    def tanh_gelu(self, x: Array) -> Array:
        inside = math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)
        return x * (1 + self.a.tanh(inside)) / 2

    def rounded_gelu(self, x: Array) -> Array:
        """The root of two went through float32, as in TensorFlow's own."""
        return x * (1 + self.a.erf(x / float(np.float32(math.sqrt(2))))) / 2

    def hard_tanh(self, x: Array) -> Array:
        return self.clipped(x, -1.0, 1.0)

    def softmax_over(self, x: Array, axis: int) -> Array:
        """Over another axis than the channels'."""
        return self.a.first(self.softmax(self.a.last(x), axis))

    def softmax(self, x: Array, axis: int) -> Array:
        raised = self.a.exp(x - self.a.stop(self.a.max(x, (axis,))))
        return raised / self.a.sum(raised, (axis,))

    # ---- precision and gradients ----------------------------------------------------------------

    def rounded(self, x: Array, dtype: str) -> Array:
        """Through a coarser type and back."""
        return self.a.cast(self.a.cast(x, dtype), "float64")

    def tf32(self, x: Array) -> Array:
        """With the eleven significant bits that tensor cores read of a float32."""
        single = self.a.cast(x, "float32")
        shifted = single * float(2**13 + 1)
        return self.a.cast(shifted - (shifted - single), "float64")

    def stop(self, x: Array) -> Array:
        return self.a.stop(x)

    def damped(self, x: Array, factor: float) -> Array:
        """The value itself, with a scaled gradient."""
        return factor * x + self.a.stop((1 - factor) * x)

    # ---- channels -------------------------------------------------------------------------------

    def interleaved(self, x: Array, groups: int) -> Array:
        """Channels dealt out to groups in turn, instead of in blocks."""
        x = self.a.last(x)
        width = x.shape[-1]
        order = np.arange(width).reshape(width // groups, groups).T.reshape(-1)
        matrix = np.zeros((width, width))
        matrix[order, np.arange(width)] = 1.0
        return self.a.first(self.a.einsum("...c,cd->...d", x, self.a.like(matrix, x)))

    def lrn(self, x: Array, size: int, alpha: float, beta: float, k: float) -> Array:
        """`alpha` is the sum's own factor: divided by the size or not, as given."""
        x = self.a.last(x)
        width = x.shape[-1]
        near = np.abs(np.subtract.outer(np.arange(width), np.arange(width))) <= size // 2
        total = self.a.einsum("...c,cd->...d", x * x, self.a.like(near.astype(float), x))
        return self.a.first(x / (k + alpha * total) ** beta)

    def normalized_whole(self, x: Array) -> Array:
        """Over channels and positions together, and no more after it."""
        axes = tuple(range(1, len(x.shape)))
        centred = x - self.a.mean(x, axes)
        return centred / self.a.sqrt(self.a.mean(centred * centred, axes) + 1e-6)

    # ---- positions ------------------------------------------------------------------------------

    def flattened_last(self, x: Array) -> Array:
        """Position by position, as a framework with channels last would without thinking."""
        x = self.a.last(x)
        return self.a.reshape(x, (x.shape[0], math.prod(x.shape[1:])))

    def turned(self, x: Array) -> Array:
        """An image over its diagonal."""
        return self.a.first(self.a.transpose(self.a.last(x), (0, 2, 1, 3)))

    def rolled(self, x: Array, by: int) -> Array:
        """The first positions at the end."""
        x = self.a.last(x)
        return self.a.first(self.a.concat((x[:, by:], x[:, :by]), 1))

    def picked(self, x: Array, position: int) -> Array:
        return self.a.last(x)[:, position]

    def mean_position(self, x: Array) -> Array:
        x = self.a.last(x)
        return self.a.reshape(self.a.mean(x, (1,)), (x.shape[0], x.shape[-1]))

    # ---- joins ----------------------------------------------------------------------------------

    def half_sum(self, x: Array, y: Array) -> Array:
        return (x + y) / 2

    def scaled_sum(self, x: Array, y: Array, factor: float) -> Array:
        return factor * x + y

    def reversed_difference(self, x: Array, y: Array) -> Array:
        return y - x

    def sum_of(self, x: Array, y: Array) -> Array:
        return x + y

    def stopped_shortcut(self, x: Array, y: Array) -> Array:
        return x + self.a.stop(y)

    def activated_branch(self, x: Array, y: Array) -> Array:
        return self.relu(x) + y

    def reversed_list(self, parts: Sequence[Array]) -> list[Array]:
        return list(parts)[::-1]

    # ---- attention ------------------------------------------------------------------------------

    def attend(
        self,
        query: Array,
        key: Array,
        value: Array,
        heads: int,
        *,
        scale: Callable[[int], float] = lambda d: d**-0.5,
        axis: int = -1,
        dealt: bool = False,
    ) -> Array:
        """Attention; the softmax runs over `axis`. `dealt`: channels fall to heads in turn."""
        q, k, v = (self._heads(self.a.last(x), heads, dealt) for x in (query, key, value))
        logits = self.a.einsum("nphd,nqhd->nhpq", q, k) * scale(q.shape[-1])
        mixed = self.a.einsum("nhpq,nqhd->nphd", self.softmax(logits, axis), v)
        if dealt:
            mixed = self.a.transpose(mixed, (0, 1, 3, 2))
        n, p, one, other = mixed.shape
        return self.a.first(self.a.reshape(mixed, (n, p, one * other)))

    def _heads(self, x: Array, heads: int, dealt: bool) -> Array:
        n, p, c = x.shape
        if dealt:
            return self.a.transpose(self.a.reshape(x, (n, p, c // heads, heads)), (0, 1, 3, 2))
        return self.a.reshape(x, (n, p, heads, c // heads))

    def unscaled_attend(self, q: Array, k: Array, v: Array, heads: int) -> Array:
        return self.attend(q, k, v, heads, scale=lambda d: 1.0)

    def width_scaled_attend(self, q: Array, k: Array, v: Array, heads: int) -> Array:
        """By the root of all channels instead of a head's."""
        return self.attend(q, k, v, heads, scale=lambda d: (heads * d) ** -0.5)

    def query_softmax_attend(self, q: Array, k: Array, v: Array, heads: int) -> Array:
        return self.attend(q, k, v, heads, axis=-2)

    def dealt_attend(self, q: Array, k: Array, v: Array, heads: int) -> Array:
        return self.attend(q, k, v, heads, dealt=True)

    def swapped_attend(self, q: Array, k: Array, v: Array, heads: int) -> Array:
        return self.attend(k, q, v, heads)
