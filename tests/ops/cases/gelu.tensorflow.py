# Written by `make golden` from gelu.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def gelu(x):
    """Keras's own rounds a constant to float32."""
    return 0.5 * x * (1 + ops.erf(x / math.sqrt(2)))


def tanh_gelu(x):
    """The approximation by tanh; Keras's own rounds its constants to float32."""
    return 0.5 * x * (1 + ops.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.b = Conv2D(4, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = gelu(x)  # (N, 5, 6, 4)
        return tanh_gelu(self.b(x))  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return gelu(x)  # (N, 6)


# ---- approximate ---------------------------------------------------------------------


class Approximate(keras.Model):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return tanh_gelu(x)  # (N, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: gelu(x)),
                layers.GlobalAveragePooling2D(),
                layers.Lambda(lambda x: tanh_gelu(x)),
            ]
        )
