# Written by `make golden` from hard_sigmoid.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.b = Conv2D(4, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.hard_sigmoid(x)  # (N, 5, 6, 4)
        return ops.hard_sigmoid(self.b(x))  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return ops.hard_sigmoid(x)  # (N, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Activation("hard_sigmoid"),
                Conv2D(3, 1),
                layers.Activation("hard_sigmoid"),
                layers.GlobalAveragePooling2D(),
                layers.Activation("hard_sigmoid"),
            ]
        )
