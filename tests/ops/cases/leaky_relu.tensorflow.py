# Written by `make golden` from leaky_relu.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def leaky_relu(x, slope=0.01):
    """Keras's own rounds the slope to float32."""
    return ops.where(x > 0, x, slope * x)


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.b = Conv2D(4, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = leaky_relu(x)  # (N, 5, 6, 4)
        return leaky_relu(self.b(x), slope=0.2)  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return leaky_relu(leaky_relu(x, slope=0), slope=-0.5)  # (N, 6)


# ---- parameter -----------------------------------------------------------------------


class Leaky(layers.Layer):
    """The block `leaky`."""

    def __init__(self, slope: float, wide: int = 4) -> None:
        super().__init__()
        self.slope = slope
        self.c = Conv2D(wide, 1)

    def call(self, x):
        return leaky_relu(self.c(x), slope=self.slope / 2)


class Parameter(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, slope: float = 0.3) -> None:
        super().__init__()
        self.a = Leaky(slope)
        self.b = Leaky(2 * slope)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 4)
        return self.b(x)  # (N, 5, 6, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: leaky_relu(x, slope=0.3)),
                layers.GlobalAveragePooling2D(),
                layers.Lambda(lambda x: leaky_relu(x)),
            ]
        )
