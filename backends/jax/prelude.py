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
}


def closure(names: set[str]) -> list[str]:
    """Helpers and those that they call, in the order of the table."""
    wanted = names | {h for name in names for h in HELPERS[name].helpers}
    return [name for name in HELPERS if name in wanted]
