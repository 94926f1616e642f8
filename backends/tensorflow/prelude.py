"""Helpers that Keras lacks. A generated file holds those it uses, with the reason."""

from __future__ import annotations

from resdsl.records import replace

from .convolutions import CONVOLUTIONS
from .helper import MATH, OPS, Helper
from .sequences import SEQUENCES

#: The form of `padded` whose sides may differ; a file has one of both.
SIDES = "padded sides"

HELPERS: dict[str, Helper] = {
    "divisible": Helper('''
def divisible(value: float, by: int) -> int:
    """The multiple of `by` nearest to `value`, never under 90% of it."""
    rounded = max(by, int(value + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * value else rounded
'''),
    "padded": Helper(
        '''
def padded(x, width, value=0.0):
    """Put a frame around the positions: of zeros, or of -inf, which never wins a maximum."""
    frame = ((width, width),) * (len(x.shape) - 2)
    return ops.pad(x, ((0, 0), *frame, (0, 0)), constant_values=value)
''',
        (OPS,),
    ),
    SIDES: Helper(
        '''
def padded(x, sides, value=0.0):
    """Put a frame around the positions: of zeros, or of -inf, which never wins a maximum.

    `sides` is one width, or (before, after) for each dimension.
    """
    frame = ((sides, sides),) * (len(x.shape) - 2) if isinstance(sides, int) else sides
    return ops.pad(x, ((0, 0), *frame, (0, 0)), constant_values=value)
''',
        (OPS,),
    ),
    "larger": Helper('''
def larger(a, b):
    """The larger of two whole numbers, either of which may be a tensor: a size at run time."""
    return (a + b + abs(a - b)) // 2
'''),
    "same_sides": Helper(
        '''
def same_sides(x, kernel, stride):
    """What Keras's "same" pads, (before, after) each dimension: here padding counts in means."""
    sides = []
    for size, k, s in zip(ops.shape(x)[1:-1], kernel, stride, strict=True):
        total = larger(k - 1 - (size - 1) % s, 0)
        sides.append((total // 2, total - total // 2))
    return sides
''',
        (OPS,),
        ("larger",),
    ),
    "pool3d": Helper(
        '''
def pool3d(pool, x, kernel, strides, padding="valid"):
    """A pool over height and width, then over the depth: TensorFlow's own know no float64."""
    _, depth, height, width, channels = ops.shape(x)
    x = ops.reshape(x, (-1, height, width, channels))
    x = pool(x, kernel[1:], strides[1:], padding)
    _, height, width, _ = ops.shape(x)
    x = ops.reshape(x, (-1, depth, height * width, channels))
    x = pool(x, (kernel[0], 1), (strides[0], 1), padding)
    return ops.reshape(x, (-1, ops.shape(x)[1], height, width, channels))
''',
        (OPS,),
    ),
    "overhung": Helper(
        '''
def overhung(x, kernel, stride, sides, value=0.0):
    """Pad, at the end as far as a last window hangs over that starts inside of the
    input or of the padding before (PyTorch's `ceil_mode`)."""
    frame = []
    for size, k, s, (before, after) in zip(ops.shape(x)[1:-1], kernel, stride, sides, strict=True):
        start = (size + before - 1 + min(after - k + s, 0)) // s * s
        frame.append((before, larger(after, start + k - size - before)))
    return padded(x, frame, value)
''',
        (OPS,),
        (SIDES, "larger"),
    ),
    "ceil_max_pool": Helper(
        '''
def ceil_max_pool(x, kernel, stride, sides):
    """Largest entries of windows, of which the last may hang over the edge."""
    return ops.max_pool(overhung(x, kernel, stride, sides, -math.inf), kernel, stride)
''',
        (OPS, MATH),
        ("overhung",),
    ),
    "avg_pool": Helper(
        '''
def avg_pool(x, kernel, stride, sides, ceil=False, count_pad=True):
    """Means over windows of what counts: the input, the padding where `count_pad` says so, never
    what hangs over the edge with `ceil`. Keras's means know none of these."""
    counts = padded(ops.ones_like(x[:1, ..., :1]), sides, float(count_pad))
    x = overhung(x, kernel, stride, sides) if ceil else padded(x, sides)
    sizes = zip(ops.shape(x)[1:-1], ops.shape(counts)[1:-1], strict=True)
    counts = padded(counts, [(0, n - m) for n, m in sizes])
    means = ops.average_pool(x, kernel, stride)
    return means / ops.average_pool(counts, kernel, stride)
''',
        (OPS,),
        (SIDES, "overhung"),
    ),
    "adaptive_avg_pool": Helper(
        '''
def adaptive_avg_pool(x, *sizes):
    """Means over a grid of windows that cover the positions: PyTorch's, which may overlap."""

    def means(size, count):
        # As sizes known at run time are: in float64, Keras would count in int64.
        windows, position = (ops.arange(n, dtype="int32") for n in (count, size))
        window = windows[:, None]
        start, stop = window * size // count, ((window + 1) * size + count - 1) // count
        inside = ops.cast(ops.logical_and(start <= position, position < stop), x.dtype)
        return inside / ops.sum(inside, axis=1, keepdims=True)

    for axis, count in enumerate(sizes, start=1):
        pooled = ops.tensordot(x, means(ops.shape(x)[axis], count), ((axis,), (1,)))
        x = ops.moveaxis(pooled, -1, axis)
    return x
''',
        (OPS,),
    ),
    "blur_pool": Helper(
        '''
def blur_pool(x, kernel, stride):
    """Blur with binomial weights and keep every few positions (Zhang 2019)."""
    frame = ((kernel - 1) // 2, kernel // 2)
    x = ops.pad(x, ((0, 0), *[frame] * (len(x.shape) - 2), (0, 0)), "reflect")
    for axis in range(1, len(x.shape) - 1):
        before, last = (slice(None),) * axis, ops.shape(x)[axis] - kernel + 1
        parts = (x[(*before, slice(i, i + last, stride))] for i in range(kernel))
        x = sum(math.comb(kernel - 1, i) * part for i, part in enumerate(parts))
        x = x / 2 ** (kernel - 1)
    return x
''',
        (OPS, MATH),
    ),
    "lrn": Helper(
        '''
def lrn(x, size=5, alpha=1e-4, beta=0.75, k=1.0):
    """Divide by the mean square over channels as PyTorch does. TensorFlow's own takes the sum, and
    knows no float64."""
    channels, reach = x.shape[-1], size // 2
    frame = ((0, 0),) * (len(x.shape) - 1)
    squares = ops.pad(ops.square(x), (*frame, (reach, reach)))
    total = sum(squares[..., i : i + channels] for i in range(size))
    return x / (k + alpha / size * total) ** beta
''',
        (OPS,),
    ),
    "leaky_relu": Helper(
        '''
def leaky_relu(x, slope=0.01):
    """Keras's own rounds the slope to float32."""
    return ops.where(x > 0, x, slope * x)
''',
        (OPS,),
    ),
    "gelu": Helper(
        '''
def gelu(x):
    """Keras's own rounds a constant to float32."""
    return 0.5 * x * (1 + ops.erf(x / math.sqrt(2)))
''',
        (OPS, MATH),
    ),
    "tanh_gelu": Helper(
        '''
def tanh_gelu(x):
    """The approximation by tanh; Keras's own rounds its constants to float32."""
    return 0.5 * x * (1 + ops.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
''',
        (OPS, MATH),
    ),
    "slice_softmax": Helper(
        '''
def slice_softmax(x, slices):
    """A softmax over parts of the channels, entry by entry."""
    *sizes, channels = ops.shape(x)[1:]
    parts = ops.reshape(x, (-1, *sizes, slices, channels // slices))
    return ops.reshape(ops.softmax(parts, axis=-2), (-1, *sizes, channels))
''',
        (OPS,),
    ),
    "flatten": Helper(
        '''
def flatten(x):
    """Flatten channel by channel, the order of the weights that follow, not by position."""
    return ops.reshape(ops.moveaxis(x, -1, 1), (-1, math.prod(x.shape[1:])))
''',
        (OPS, MATH),
    ),
    "pad_channels": Helper(
        '''
def pad_channels(x, channels):
    """Append zero channels up to a number of channels."""
    return ops.pad(x, ((0, 0),) * (len(x.shape) - 1) + ((0, channels - x.shape[-1]),))
''',
        (OPS,),
    ),
    "BatchNorm": Helper(
        '''
class BatchNorm(layers.BatchNormalization):
    """Keeps the unbiased variance in its statistics, as PyTorch does; Keras divides by n."""

    def __init__(self, momentum=0.9, epsilon=1e-5, **options):
        super().__init__(momentum=momentum, epsilon=epsilon, **options)

    def call(self, inputs, training=None):
        kept = self.momentum * self.moving_variance
        outputs = super().call(inputs, training=training)
        if training and self.trainable:
            n = ops.cast(ops.size(inputs) // inputs.shape[-1], self.variable_dtype)
            added = self.moving_variance - kept
            self.moving_variance.assign(kept + added * n / (n - 1))
        return outputs
''',
        (OPS,),
    ),
    "Scale": Helper(
        '''
class Scale(layers.Layer):
    """Multiplies by learned numbers: one for each channel, for the tensor, or for each entry."""

    def __init__(self, initializer="ones", per="channel", **options):
        super().__init__(**options)
        self.initializer, self.per = initializer, per

    def build(self, input_shape):
        shapes = {"channel": input_shape[-1:], "tensor": (1,), "entry": input_shape[1:]}
        self.value = self.add_weight(shapes[self.per], self.initializer, name="value")

    def call(self, inputs):
        return inputs * self.value
''',
    ),
    "Offset": Helper(
        '''
class Offset(layers.Layer):
    """Adds learned numbers: one for each channel, for the tensor, or for each entry."""

    def __init__(self, initializer="zeros", per="channel", **options):
        super().__init__(**options)
        self.initializer, self.per = initializer, per

    def build(self, input_shape):
        shapes = {"channel": input_shape[-1:], "tensor": (1,), "entry": input_shape[1:]}
        self.value = self.add_weight(shapes[self.per], self.initializer, name="value")

    def call(self, inputs):
        return inputs + self.value
''',
    ),
}

for _name in ("ceil_max_pool", "avg_pool"):
    _source = HELPERS[_name].source.replace(f"def {_name}(", f"def {_name}3d(")
    for _pool in ("max_pool", "average_pool"):
        _source = _source.replace(f"ops.{_pool}(", f"pool3d(ops.{_pool}, ")
    HELPERS[f"{_name}3d"] = replace(
        HELPERS[_name], source=_source, helpers=(*HELPERS[_name].helpers, "pool3d")
    )

HELPERS |= CONVOLUTIONS | SEQUENCES
