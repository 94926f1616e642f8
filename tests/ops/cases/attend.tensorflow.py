# Written by `make golden` from attend.res: classes and what they use.


# ---- images --------------------------------------------------------------------------


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


class SelfAttention(layers.Layer):
    """The block `self_attention`."""

    def __init__(self, in_channels: int, heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        self.query = Dense(in_channels)
        self.key = Dense(in_channels)
        self.value = Dense(2 * in_channels)

    def call(self, x):
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        return attend(query, key, value, heads=self.heads)


class Images(keras.Sequential):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 24)."""

    def __init__(self) -> None:
        super().__init__([SelfAttention(6, heads=3), SelfAttention(12)])


# ---- sequences -----------------------------------------------------------------------


class Sequences(keras.Sequential):
    """Maps (N, 4, 5, 6) to (N, 20, 12)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: ops.reshape(x, (-1, 20, x.shape[-1]))),
                SelfAttention(6, heads=2),
            ]
        )


# ---- distances -----------------------------------------------------------------------


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


class SelfAttention(layers.Layer):
    """The block `self_attention`."""

    def __init__(self, in_channels: int, heads: int = 1) -> None:
        super().__init__()
        self.query = Dense(in_channels)
        self.key = Dense(in_channels)
        self.value = Dense(2 * in_channels)
        self.attend1 = RelativeAttention(heads=heads)

    def call(self, x):
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        return self.attend1(query, key, value)


class Distances(keras.Model):
    """Maps (N, 4, 3, 4) to (N, 4, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.self = SelfAttention(4, heads=2)
        self.linear1 = Dense(4)
        self.attention = RelativeAttention()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.self(x)  # (N, 4, 3, 8)
        x = self.linear1(x)  # (N, 4, 3, 4)
        query = x  # (N, 4, 3, 4)
        return self.attention(query, query, query)  # (N, 4, 3, 4)


# ---- across --------------------------------------------------------------------------


class Across(keras.Model):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Conv2D(8, 3, strides=2, padding=1)
        self.value = Conv2D(4, 1)
        self.query = Conv2D(8, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        memory = self.memory(x)  # (N, 2, 3, 8)
        value = self.value(memory)  # (N, 2, 3, 4)
        query = self.query(x)  # (N, 4, 5, 8)
        return attend(query, memory, value, heads=2)  # (N, 4, 5, 4)


# ---- bottlenecks ---------------------------------------------------------------------


class AllToAll(layers.Layer):
    """Srinivas et al. 2021: blocks whose images differ from stage to stage, and within one."""

    def __init__(self, in_channels: int, heads: int) -> None:
        super().__init__()
        self.query = Conv2D(in_channels, 1, use_bias=False)
        self.key = Conv2D(in_channels, 1, use_bias=False)
        self.value = Conv2D(in_channels, 1, use_bias=False)
        self.attend1 = RelativeAttention(heads=heads)

    def call(self, x):
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        return self.attend1(query, key, value)


class Bot(layers.Layer):
    """The block `bot`."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = Conv2D(width, 1)
        self.mhsa = AllToAll(width, 2)
        self.conv3 = Conv2D(2 * width, 1)
        self.downsample = layers.Identity()
        if (stride if stride > 1 else 1) != 1 or in_channels != 2 * width:
            self.downsample = keras.Sequential(
                [
                    Conv2D(2 * width, 1, strides=stride if stride > 1 else 1, use_bias=False),
                    BatchNorm(),
                ]
            )

    def call(self, x):
        y = ops.relu(self.conv1(x))
        y = self.mhsa(y)
        if self.stride > 1:
            y = ops.average_pool(y, 2, strides=self.stride)
        y = self.conv3(y)
        return ops.relu(y + self.downsample(x))


class Bottlenecks(keras.Model):
    """Maps (N, 6, 4, 4) to (N, 3, 2, 12)."""

    def __init__(self) -> None:
        super().__init__()
        self.layer1 = keras.Sequential([Bot(4, 4, stride=2), *(Bot(8, 4) for _ in range(2))])
        self.last = Bot(8, 6)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.layer1(x)  # (N, 3, 2, 8)
        return self.last(x)  # (N, 3, 2, 12)
