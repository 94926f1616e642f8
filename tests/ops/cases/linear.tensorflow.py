# Written by `make golden` from linear.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Dense(layers.Dense):
    """A dense layer that starts as PyTorch's do."""

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = input_shape[-1] ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)


class Labelled(keras.Model):
    """Maps (N, 7) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Dense(5)
        self.b = Dense(3, use_bias=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5)
        return self.b(x)  # (N, 3)


# ---- image ---------------------------------------------------------------------------


class Image(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Dense(5)
        self.linear2 = Dense(3, use_bias=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 5)
        return self.linear2(x)  # (N, 5, 6, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 7) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__([Dense(5), Dense(3, use_bias=False)])


# ---- numbered_image ------------------------------------------------------------------


class NumberedImage(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__([Dense(5), Dense(3, use_bias=False)])


# ---- initial -------------------------------------------------------------------------


linear_bias_init = partial(keras.initializers.RandomNormal, stddev=0.1)


class Initial(keras.Sequential):
    """Maps (N, 7) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Dense(5, kernel_initializer="zeros"),
                layers.Dense(3, bias_initializer=linear_bias_init()),
            ]
        )


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 9, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Dense(5)
        self.linear2 = Dense(3, use_bias=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 9, 5)
        return self.linear2(x)  # (N, 9, 3)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 2, 3, 2, 4) to (N, 2, 3, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Dense(5)
        self.linear2 = Dense(3, use_bias=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 2, 3, 2, 5)
        return self.linear2(x)  # (N, 2, 3, 2, 3)
