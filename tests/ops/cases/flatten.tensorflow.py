# Written by `make golden` from flatten.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def flatten(x):
    """Flatten channel by channel, the order of the weights that follow, not by position."""
    return ops.reshape(ops.moveaxis(x, -1, 1), (-1, math.prod(x.shape[1:])))


class Labelled(keras.Model):
    """Maps (N, 3, 5, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(4)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = flatten(x)  # (N, 60)
        return self.linear1(x)  # (N, 4)


# ---- one_position --------------------------------------------------------------------


class OnePosition(keras.Model):
    """Maps (N, 3, 5, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(4)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.squeeze(ops.mean(x, axis=(1, 2), keepdims=True), axis=(1, 2))  # (N, 4)
        return self.linear1(x)  # (N, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(4)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.linear1(x)  # (N, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 3, 5, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__([layers.Lambda(flatten), Dense(4)])


# ---- numbered_one_position -----------------------------------------------------------


class NumberedOnePosition(keras.Sequential):
    """Maps (N, 3, 5, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__([layers.GlobalAveragePooling2D(keepdims=True), layers.Flatten(), Dense(4)])


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 3, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(4)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = flatten(x)  # (N, 12)
        return self.linear1(x)  # (N, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 3, 2, 2, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(4)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = flatten(x)  # (N, 48)
        return self.linear1(x)  # (N, 4)


# ---- line ----------------------------------------------------------------------------


class Line(keras.Sequential):
    """Maps (N, 7, 4) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__([Conv1D(3, 7), layers.Flatten()])
