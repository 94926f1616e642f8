# Written by `make golden` from pad_channels.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def pad_channels(x, channels):
    """Append zero channels up to a number of channels."""
    return ops.pad(x, ((0, 0),) * (len(x.shape) - 1) + ((0, channels - x.shape[-1]),))


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 7)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = pad_channels(x, 7)  # (N, 5, 6, 7)
        return pad_channels(x, 7)  # (N, 5, 6, 7)


# ---- vector --------------------------------------------------------------------------


class Vector(keras.Model):
    """Maps (N, 6) to (N, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return pad_channels(x, 9)  # (N, 9)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__([layers.Lambda(lambda x: pad_channels(x, 7)), Conv2D(3, 1)])


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 9, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return pad_channels(x, 6)  # (N, 9, 6)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 2, 3, 2, 4) to (N, 2, 3, 2, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return pad_channels(x, 6)  # (N, 2, 3, 2, 6)
