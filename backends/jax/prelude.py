"""Helpers that Flax lacks. A generated file holds those it uses, with the reason."""

from __future__ import annotations

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Helper:
    """Source of a helper, the imports it needs, and other helpers."""

    source: str
    needs: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The source, without the empty lines around it."""
        return self.source.strip("\n").split("\n")


_JNP = "import jax.numpy as jnp"
_NP = "import numpy as np"
_ARRAY = "from jax import Array"
_LAX = "from jax import lax"
_JAX = "import jax"
_ANY = "from typing import Any"
_SEQUENCE = "from collections.abc import Sequence"

HELPERS: dict[str, Helper] = {
    "divisible": Helper('''
def divisible(value: float, by: int) -> int:
    """The multiple of `by` nearest to `value`, never under 90% of it."""
    rounded = max(by, int(value + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * value else rounded
'''),
    "shifted": Helper(
        '''
def shifted(init: nnx.initializers.Initializer, mean: float) -> nnx.initializers.Initializer:
    """An initializer around a mean; Flax's normal ones are around zero."""
    return lambda key, shape, dtype: init(key, shape, dtype) + mean
''',
    ),
    "leaky_relu": Helper(
        '''
def leaky_relu(x: Array, slope: float = 0.01) -> Array:
    """Flax's own has the derivative 1 at zero, where this one has the slope, as PyTorch's."""
    return jnp.where(x > 0, x, slope * x)
''',
        (_JNP, _ARRAY),
    ),
    "slice_softmax": Helper(
        '''
def slice_softmax(x: Array, slices: int) -> Array:
    """A softmax over parts of the channels, entry by entry."""
    parts = x.reshape(*x.shape[:-1], slices, -1)
    return nnx.softmax(parts, axis=-2).reshape(x.shape)
''',
        (_ARRAY,),
    ),
    "flatten": Helper(
        '''
def flatten(x: Array) -> Array:
    """One vector for each sample, channel by channel, as the weights that follow expect it."""
    return jnp.moveaxis(x, -1, 1).reshape(x.shape[0], -1)
''',
        (_JNP, _ARRAY),
    ),
    "adaptive_avg_pool": Helper(
        '''
def adaptive_avg_pool(x: Array, size: tuple[int, ...]) -> Array:
    """Means over a grid of windows that cover the positions and may overlap."""

    def means(length: int, count: int) -> Array:
        window, position = np.arange(count)[:, None], np.arange(length)
        starts, ends = window * length // count, -(-(window + 1) * length // count)
        inside = (starts <= position) & (position < ends)
        return jnp.asarray(inside / inside.sum(axis=1, keepdims=True), x.dtype)

    for axis, count in enumerate(size, start=1):
        pooled = jnp.tensordot(x, means(x.shape[axis], count), (axis, 1), precision="highest")
        x = jnp.moveaxis(pooled, -1, axis)
    return x
''',
        (_JNP, _NP, _ARRAY),
    ),
    "global_max_pool": Helper(
        '''
def global_max_pool(x: Array, keepdims: bool = False) -> Array:
    """The largest entry of each channel, by one window over all positions.

    The gradient of `jnp.max` looks for the entries that equal the maximum. XLA may compute them
    once more for that, fused with other operations, to another last digit, and then finds none.
    """
    largest = nnx.max_pool(x, x.shape[1:-1])
    return largest if keepdims else largest.reshape(x.shape[0], x.shape[-1])
''',
        (_ARRAY,),
    ),
    "ceil_padding": Helper(
        '''
def ceil_padding(
    x: Array,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: Sequence[tuple[int, int]],
) -> list[tuple[int, int]]:
    """Padding for a last window that hangs over the edge, if it starts inside, as in PyTorch."""
    padded = []
    for axis, (before, after) in enumerate(padding):
        size, reach, step = x.shape[1 + axis] + before, window[axis], strides[axis]
        last = min(-(-(size + after - reach) // step), (size - 1) // step)
        padded.append((before, max(after, last * step + reach - size)))
    return padded
''',
        (_ARRAY, _SEQUENCE),
    ),
    "ceil_max_pool": Helper(
        '''
def ceil_max_pool(
    x: Array,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: Sequence[tuple[int, int]] = (),
) -> Array:
    """A max pool whose last windows may hang over the edge."""
    padding = padding or [(0, 0)] * len(window)
    return nnx.max_pool(x, window, strides, ceil_padding(x, window, strides, padding))
''',
        (_ARRAY, _SEQUENCE),
        ("ceil_padding",),
    ),
    "counted_avg_pool": Helper(
        '''
def counted_avg_pool(
    x: Array,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str | Sequence[tuple[int, int]] = (),
    ceil: bool = False,
    count_padding: bool = True,
) -> Array:
    """An average pool that counts padding if asked to, and never what hangs over the edge."""
    if isinstance(padding, str):
        padding = lax.padtype_to_pads(x.shape[1:-1], window, strides, padding)
    padding = padding or [(0, 0)] * len(window)
    edges = ceil_padding(x, window, strides, padding) if ceil else padding
    counted = jnp.ones((1, *x.shape[1:-1], 1), x.dtype)
    counted = jnp.pad(counted, [(0, 0), *padding, (0, 0)], constant_values=count_padding)
    beyond = [(0, far - after) for (_, far), (_, after) in zip(edges, padding, strict=True)]
    counts = nnx.pool(counted, 0.0, lax.add, window, strides, beyond)
    return nnx.pool(x, 0.0, lax.add, window, strides, edges) / counts
''',
        (_JNP, _ARRAY, _LAX, _SEQUENCE),
        ("ceil_padding",),
    ),
    "standardized_conv": Helper(
        '''
def standardized_conv(
    inputs: Array, kernel: Array, *arguments: Any, eps: float = 1e-8, **options: Any
) -> Array:
    """A convolution with standardized kernels: mean 0 and variance 1 (Qiao et al. 2019)."""
    axes = tuple(range(kernel.ndim - 1))
    kernel = (kernel - kernel.mean(axes)) / jnp.sqrt(kernel.var(axes) + eps)
    return lax.conv_general_dilated(inputs, kernel, *arguments, **options)
''',
        (_JNP, _ARRAY, _LAX, _ANY),
    ),
    "GroupedConvTranspose": Helper(
        '''
class GroupedConvTranspose(nnx.ConvTranspose):
    """A transposed convolution in groups of channels, each by itself: Flax's has no groups."""

    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: tuple[int, ...],
        *,
        groups: int,
        kernel_init: nnx.initializers.Initializer,
        rngs: nnx.Rngs,
        **options: Any,
    ) -> None:
        super().__init__(in_channels, out, kernel, transpose_kernel=True, rngs=rngs, **options)
        shape = (*kernel, out // groups, in_channels)
        self.kernel = nnx.Param(kernel_init(rngs.params(), shape, self.param_dtype))
        self.groups = groups

    def __call__(self, x: Array) -> Array:
        rank = len(self.kernel_size)
        windows = (self.strides or 1, self.padding, self.kernel_dilation or 1)
        strides, padding, dilation = (v if isinstance(v, tuple) else (v,) * rank for v in windows)
        pads = [(p, p) if isinstance(p, int) else p for p in padding]
        bias = None if self.bias is None else self.bias[...]
        values = (x, self.kernel[...], bias)
        x, kernel, bias = self.promote_dtype(values, dtype=self.dtype)
        inputs, kernels = (jnp.split(v, self.groups, axis=-1) for v in (x, kernel))
        parts = [
            lax.conv_transpose(part, own, strides, pads, dilation, transpose_kernel=True)
            for part, own in zip(inputs, kernels, strict=True)
        ]
        y = jnp.concatenate(parts, axis=-1)
        return y if bias is None else y + bias
''',
        (_JNP, _ARRAY, _LAX, _ANY),
    ),
    "blur_pool": Helper(
        '''
def blur_pool(x: Array, kernel: int, stride: int) -> Array:
    """Blur with binomial weights and keep every few positions (Zhang 2019)."""
    frame = ((kernel - 1) // 2, kernel // 2)
    x = jnp.pad(x, [(0, 0), *[frame] * (x.ndim - 2), (0, 0)], mode="reflect")
    for axis in range(1, x.ndim - 1):
        last = x.shape[axis] - kernel + 1
        parts = [lax.slice_in_dim(x, i, i + last, stride, axis) for i in range(kernel)]
        x = sum(math.comb(kernel - 1, i) * part for i, part in enumerate(parts))
        x = x / 2 ** (kernel - 1)
    return x
''',
        (_JNP, _ARRAY, _LAX, "import math"),
    ),
    "local_response_norm": Helper(
        '''
def local_response_norm(
    x: Array, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Array:
    """Divide by a power of the mean square over neighbouring channels."""
    squares = jnp.pad(x * x, [(0, 0)] * (x.ndim - 1) + [(size // 2, size // 2)])
    total = sum(squares[..., i : i + x.shape[-1]] for i in range(size))
    return x / (k + alpha / size * total) ** beta
''',
        (_JNP, _ARRAY),
    ),
    "pad_channels": Helper(
        '''
def pad_channels(x: Array, channels: int) -> Array:
    """Append zero channels up to a number of channels."""
    return jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, channels - x.shape[-1])])
''',
        (_JNP, _ARRAY),
    ),
    "GroupNorm": Helper(
        '''
class GroupNorm(nnx.GroupNorm):
    """Flax's group norm with its variance in two passes: in one, a large mean spoils it."""

    def __init__(self, channels: int, groups: int, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(channels, groups, epsilon=epsilon, use_fast_variance=False, **options)
''',
        (_ANY,),
    ),
    "LayerNorm": Helper(
        '''
class LayerNorm(nnx.LayerNorm):
    """Flax's layer norm with its variance in two passes: in one, a large mean spoils it."""

    def __init__(self, channels: int, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(channels, epsilon=epsilon, use_fast_variance=False, **options)
''',
        (_ANY,),
    ),
    "upsample": Helper(
        '''
def upsample(x: Array, by: tuple[int, ...], method: str = "nearest") -> Array:
    """As many times the positions in every direction."""
    sizes = [n * factor for n, factor in zip(x.shape[1:-1], by, strict=True)]
    return jax.image.resize(x, (x.shape[0], *sizes, x.shape[-1]), method)
''',
        (_JAX, _ARRAY),
    ),
    "resized": Helper(
        '''
def resized(x: Array, sizes: tuple[int, ...], method: str = "nearest") -> Array:
    """Other numbers of positions. Where they do not divide, JAX's nearest are not PyTorch's."""
    if method == "nearest":
        for axis, size in enumerate(sizes, 1):
            x = jnp.take(x, np.arange(size) * x.shape[axis] // size, axis)
        return x
    return jax.image.resize(x, (x.shape[0], *sizes, x.shape[-1]), method)
''',
        (_JAX, _JNP, _NP, _ARRAY),
    ),
    "reshaped": Helper(
        '''
def reshaped(x: Array, *sizes: int) -> Array:
    """Other sizes, channels first, with the entries in PyTorch's order: channel by channel."""
    return jnp.moveaxis(jnp.moveaxis(x, -1, 1).reshape(x.shape[0], *sizes), 1, -1)
''',
        (_JNP, _ARRAY),
    ),
    "with_tokens": Helper(
        '''
def with_tokens(tokens: Array, x: Array) -> Array:
    """The same positions before those of every sequence."""
    return jnp.concatenate([jnp.broadcast_to(tokens, (x.shape[0], *tokens.shape)), x], axis=1)
''',
        (_JNP, _ARRAY),
    ),
    "attend": Helper(
        '''
def attend(
    query: Array, key: Array, value: Array, heads: int = 1, bias: Array | float = 0.0
) -> Array:
    """Attend from the positions of `query` to those of `key`, each group of channels by itself.
    Flax's own wants values as wide as keys."""
    q, k, v = (t.reshape(t.shape[0], -1, heads, t.shape[-1] // heads) for t in (query, key, value))
    logits = jnp.einsum("nqhd,nkhd->nhqk", q, k) + bias
    shares = nnx.softmax(logits / q.shape[-1] ** 0.5)
    return jnp.einsum("nhqk,nkhd->nqhd", shares, v).reshape(*query.shape[:-1], -1)
''',
        (_JNP, _ARRAY),
    ),
    "RelativeAttention": Helper(
        '''
class RelativeAttention(nnx.Module):
    """Attention over an image, with learned vectors for how far apart positions are."""

    def __init__(
        self, channels: int, size: tuple[int, int], heads: int = 1, *, rngs: nnx.Rngs
    ) -> None:
        self.heads = heads
        wide = channels // heads
        start = nnx.initializers.normal(wide**-0.5)
        self.rel_height = nnx.Param(start(rngs.params(), (2 * size[0] - 1, wide)))
        self.rel_width = nnx.Param(start(rngs.params(), (2 * size[1] - 1, wide)))

    def __call__(self, query: Array, key: Array, value: Array) -> Array:
        height, width = query.shape[1:3]

        def distances(vectors: Array, size: int) -> Array:
            position = np.arange(size)
            return vectors[position - position[:, None] + size - 1]

        image = query.reshape(*query.shape[:3], self.heads, -1)
        down = distances(self.rel_height[...], height)
        across = distances(self.rel_width[...], width)
        rows = jnp.einsum("nyxhd,ykd->nhyxk", image, down)
        columns = jnp.einsum("nyxhd,xkd->nhyxk", image, across)
        bias = rows[..., None] + columns[..., None, :]
        bias = bias.reshape(-1, self.heads, height * width, height * width)
        return attend(query, key, value, self.heads, bias)
''',
        (_JNP, _NP, _ARRAY),
        ("attend",),
    ),
    "ChannelConv": Helper(
        '''
class ChannelConv(nnx.Conv):
    """A convolution over the channels of a vector."""

    def __init__(self, kernel_size: int, **options: Any) -> None:
        options |= {"padding": kernel_size // 2, "use_bias": False}
        super().__init__(1, 1, (kernel_size,), **options)

    def __call__(self, x: Array) -> Array:
        return super().__call__(x.reshape(x.shape[0], -1, 1)).reshape(x.shape)
''',
        (_ANY, _ARRAY),
    ),
}


def closure(names: set[str]) -> list[str]:
    """Helpers and those that they call, in the order of the table."""
    wanted = names | {h for name in names for h in HELPERS[name].helpers}
    return [name for name in HELPERS if name in wanted]
