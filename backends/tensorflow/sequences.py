"""Helpers of resizing, of sequences and of attention, which Keras lacks or has in float32."""

from __future__ import annotations

from .helper import MATH, OPS, Helper

SEQUENCES: dict[str, Helper] = {
    "upsample": Helper(
        '''
def upsample(x, by):
    """As many times the positions in every direction, each repeated."""
    for axis, factor in enumerate(by, 1):
        x = ops.repeat(x, factor, axis=axis)
    return x
''',
        (OPS,),
    ),
    "repeated": Helper(
        '''
def repeated(x, sizes):
    """Other numbers of positions, each the nearest one before, as in PyTorch."""
    for axis, size in enumerate(sizes, 1):
        # As sizes known at run time are: in float64, Keras would count in int64.
        position = ops.arange(size, dtype="int32")
        x = ops.take(x, position * ops.shape(x)[axis] // size, axis=axis)
    return x
''',
        (OPS,),
    ),
    "interpolated": Helper(
        '''
def interpolated(x, sizes):
    """Other numbers of positions, interpolated between their centres. Keras does it in float32."""
    for axis, size in enumerate(sizes, 1):
        before = ops.shape(x)[axis]
        position, n, m = (ops.cast(v, "float64") for v in (ops.arange(size), before, size))
        centre = ops.maximum((position + 0.5) * n / m - 0.5, 0.0)
        low = ops.cast(centre, "int32")
        high = ops.minimum(low + 1, before - 1)
        share = ops.cast(centre - ops.floor(centre), x.dtype)
        share = ops.reshape(share, [-1] + [1] * (len(x.shape) - axis - 1))
        x = (1 - share) * ops.take(x, low, axis=axis) + share * ops.take(x, high, axis=axis)
    return x
''',
        (OPS,),
    ),
    "upsample_linear": Helper(
        '''
def upsample_linear(x, by):
    """As many times the positions in every direction, interpolated."""
    sizes = zip(ops.shape(x)[1:-1], by, strict=True)
    return interpolated(x, [size * factor for size, factor in sizes])
''',
        (OPS,),
        ("interpolated",),
    ),
    "reshaped": Helper(
        '''
def reshaped(x, *sizes):
    """Other sizes, channels first, with the entries in PyTorch's order: channel by channel."""
    rest = -math.prod(ops.shape(x)[1:]) // math.prod(sizes)  # where one is -1
    sizes = [rest if size == -1 else size for size in sizes]
    return ops.moveaxis(ops.reshape(ops.moveaxis(x, -1, 1), (-1, *sizes)), 1, -1)
''',
        (OPS, MATH),
    ),
    "attend": Helper(
        '''
def attend(query, key, value, heads=1, bias=0.0):
    """Attend from the positions of `query` to those of `key`, each group of channels by itself.
    Keras's own is in float32 on its way."""
    q, k, v = (
        ops.reshape(t, (-1, math.prod(ops.shape(t)[1:-1]), heads, t.shape[-1] // heads))
        for t in (query, key, value)
    )
    logits = ops.einsum("nqhd,nkhd->nhqk", q, k) + bias
    shares = ops.softmax(logits / q.shape[-1] ** 0.5)
    y = ops.einsum("nhqk,nkhd->nqhd", shares, v)
    return ops.reshape(y, (-1, *ops.shape(query)[1:-1], value.shape[-1]))
''',
        (OPS, MATH),
    ),
    "RelativeAttention": Helper(
        '''
class RelativeAttention(layers.Layer):
    """Attention over images, with learned vectors for how far apart positions are."""

    def __init__(self, heads=1):
        super().__init__()
        self.heads = heads

    def build(self, query_shape, key_shape, value_shape):
        _, height, width, channels = query_shape
        wide = channels // self.heads
        for name, size in (("rel_height", height), ("rel_width", width)):
            start = keras.initializers.RandomNormal(stddev=wide**-0.5)
            setattr(self, name, self.add_weight((2 * size - 1, wide), start, name=name))

    def call(self, query, key, value):
        _, height, width, channels = query.shape

        def distances(vectors, size):
            return ops.stack([vectors[size - 1 - i : 2 * size - 1 - i] for i in range(size)])

        image = ops.reshape(query, (-1, height, width, self.heads, channels // self.heads))
        rows = ops.einsum("nyxhd,ykd->nhyxk", image, distances(self.rel_height, height))
        columns = ops.einsum("nyxhd,xkd->nhyxk", image, distances(self.rel_width, width))
        bias = ops.expand_dims(rows, -1) + ops.expand_dims(columns, -2)
        bias = ops.reshape(bias, (-1, self.heads, height * width, height * width))
        return attend(query, key, value, self.heads, bias)
''',
        (OPS,),
        ("attend",),
    ),
    "ChannelConv": Helper(
        '''
class ChannelConv(layers.Layer):
    """A convolution over the channels of vectors."""

    def __init__(self, kernel_size, kernel_initializer="glorot_uniform"):
        super().__init__()
        self.kernel_size = kernel_size
        self.kernel_initializer = kernel_initializer

    def build(self, input_shape):
        shape = (self.kernel_size, 1, 1)
        self.kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")

    def call(self, x):
        row = ops.reshape(x, (-1, x.shape[-1], 1))
        return ops.reshape(ops.conv(row, self.kernel, padding="same"), (-1, *x.shape[1:]))
''',
        (OPS,),
    ),
    "Token": Helper(
        '''
class Token(layers.Layer):
    """Puts learned positions before those of every sequence."""

    def __init__(self, initializer="zeros", count=1, **options):
        super().__init__(**options)
        self.initializer, self.count = initializer, count

    def build(self, input_shape):
        self.value = self.add_weight(
            shape=(self.count, input_shape[-1]), initializer=self.initializer, name="value"
        )

    def call(self, inputs):
        tokens = self.value + ops.zeros_like(inputs[:, :1])  # one for each sequence
        return ops.concatenate([tokens, inputs], axis=1)
''',
        (OPS,),
    ),
}
