# Written by `make golden` from identity.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 7)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(3, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = x  # (N, 5, 6, 4)
        x = self.conv1(a)  # (N, 5, 6, 3)
        b = x  # (N, 5, 6, 3)
        x = ops.relu(b)  # (N, 5, 6, 3)
        return ops.concatenate([a, b], axis=-1)  # (N, 5, 6, 7)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(6)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.linear1(x)  # (N, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__([layers.Identity(), Conv2D(3, 1)])
