# Written by `make golden` from token.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


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


class Labelled(keras.Model):
    """Maps (N, 12, 6) to (N, 18, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.class_ = Token()
        self.linear1 = Dense(5)
        self.more = Token(keras.initializers.RandomNormal(stddev=0.5), count=3)
        self.token3 = Token(keras.initializers.Constant(0.5), count=2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.class_(x)  # (N, 13, 6)
        x = self.linear1(x)  # (N, 13, 5)
        x = self.more(x)  # (N, 16, 5)
        return self.token3(x)  # (N, 18, 5)


# ---- by_parameter --------------------------------------------------------------------


class WithToken(layers.Layer):
    """The block `with_token`."""

    def __init__(self, in_channels: int, count: int) -> None:
        super().__init__()
        self.prompt = Token(count=count)
        self.mix = Dense(in_channels)

    def call(self, x):
        x = self.prompt(x)
        return self.mix(x)


class ByParameter(keras.Sequential):
    """Maps (N, 4, 6) to (N, 7, 3)."""

    def __init__(self) -> None:
        super().__init__([WithToken(6, 1), Dense(3), WithToken(3, 2)])


# ---- vit -----------------------------------------------------------------------------


def gelu(x):
    """Keras's own rounds a constant to float32."""
    return 0.5 * x * (1 + ops.erf(x / math.sqrt(2)))


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


def reshaped(x, *sizes):
    """Other sizes, channels first, with the entries in PyTorch's order: channel by channel."""
    rest = -math.prod(ops.shape(x)[1:]) // math.prod(sizes)  # where one is -1
    sizes = [rest if size == -1 else size for size in sizes]
    return ops.moveaxis(ops.reshape(ops.moveaxis(x, -1, 1), (-1, *sizes)), 1, -1)


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


class Encoder(layers.Layer):
    """Dosovitskiy et al. 2021, small."""

    def __init__(self, in_channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ln_1 = layers.LayerNormalization(epsilon=1e-06)
        self.query = Dense(in_channels)
        self.key = Dense(in_channels)
        self.value = Dense(in_channels)
        self.out_proj = Dense(in_channels)
        self.ln_2 = layers.LayerNormalization(epsilon=1e-06)
        self.mlp = keras.Sequential(
            [Dense(2 * in_channels), layers.Lambda(lambda x: gelu(x)), Dense(in_channels)]
        )

    def call(self, x):
        y = self.ln_1(x)
        start = y
        query = self.query(start)
        key = self.key(start)
        value = self.value(start)
        y = attend(query, key, value, heads=self.heads)
        y = self.out_proj(y)
        x = y + x
        y = self.ln_2(x)
        y = self.mlp(y)
        return y + x


class Vit(keras.Model):
    """Maps (N, 8, 6, 3) to (N, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_proj = Conv2D(8, 2, strides=2)
        self.class_token = Token()
        self.pos_embedding = Offset(keras.initializers.RandomNormal(stddev=0.02), per="entry")
        layers2: list[layers.Layer] = []
        channels = 8
        for _ in range(2):
            layers2.append(Encoder(channels, 2))
        self.layers_ = keras.Sequential(layers2)
        self.ln = layers.LayerNormalization(epsilon=1e-06)
        self.head = Dense(5)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.conv_proj(x)  # (N, 4, 3, 8)
        x = reshaped(x, 8, -1)  # (N, 12, 8)
        x = self.class_token(x)  # (N, 13, 8)
        x = self.pos_embedding(x)  # (N, 13, 8)
        x = self.layers_(x)  # (N, 13, 8)
        x = self.ln(x)  # (N, 13, 8)
        x = x[:, 0]  # (N, 8)
        return self.head(x)  # (N, 5)
