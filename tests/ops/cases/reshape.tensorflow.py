# Written by `make golden` from reshape.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def flatten(x):
    """Flatten channel by channel, the order of the weights that follow, not by position."""
    return ops.reshape(ops.moveaxis(x, -1, 1), (-1, math.prod(x.shape[1:])))


def reshaped(x, *sizes):
    """Other sizes, channels first, with the entries in PyTorch's order: channel by channel."""
    rest = -math.prod(ops.shape(x)[1:]) // math.prod(sizes)  # where one is -1
    sizes = [rest if size == -1 else size for size in sizes]
    return ops.moveaxis(ops.reshape(ops.moveaxis(x, -1, 1), (-1, *sizes)), 1, -1)


class Labelled(keras.Model):
    """Maps (N, 4, 5, 6) to (N, 30)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(4)
        self.conv1 = Conv2D(3, 3, padding=1)
        self.linear2 = Dense(6)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.reshape(x, (-1, 20, x.shape[-1]))  # (N, 20, 6)
        x = self.linear1(x)  # (N, 20, 4)
        x = reshaped(x, 8, 2, 5)  # (N, 2, 5, 8)
        x = self.conv1(x)  # (N, 2, 5, 3)
        x = reshaped(x, -1, 5)  # (N, 5, 6)
        x = self.linear2(x)  # (N, 5, 6)
        x = reshaped(x, 2, -1, 3)  # (N, 5, 3, 2)
        return flatten(x)  # (N, 30)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 4, 5, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: reshaped(x, 6, -1)),
                Dense(4),
                layers.Lambda(lambda x: ops.reshape(x, (-1, 5, 4, x.shape[-1]))),
                Conv2D(2, 3, padding=1),
                layers.Lambda(lambda x: flatten(x)),
                Dense(4),
            ]
        )


# ---- channels_kept -------------------------------------------------------------------


class ChannelsKept(keras.Model):
    """Maps (N, 4, 5, 6) to (N, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = Conv2D(8, 1)
        self.linear = Dense(8)
        self.linear2 = Dense(2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.conv(x)  # (N, 4, 5, 8)
        x = reshaped(x, 8, -1)  # (N, 20, 8)
        x = self.linear(x)  # (N, 20, 8)
        x = ops.reshape(x, (-1, 4, 5, x.shape[-1]))  # (N, 4, 5, 8)
        x = ops.reshape(x, (-1, 2, 2, 5, x.shape[-1]))  # (N, 2, 2, 5, 8)
        x = flatten(x)  # (N, 160)
        return self.linear2(x)  # (N, 2)


# ---- vectors -------------------------------------------------------------------------


class Vectors(keras.Model):
    """Maps (N, 12) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Dense(2)
        self.linear2 = Dense(3)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = reshaped(x, 3, 4)  # (N, 4, 3)
        x = self.linear1(x)  # (N, 4, 2)
        x = reshaped(x, 1, 8)  # (N, 8, 1)
        x = flatten(x)  # (N, 8)
        return self.linear2(x)  # (N, 3)


# ---- by_parameter --------------------------------------------------------------------


class Rows(layers.Layer):
    """Of any number of channels: what follows knows how many there are."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.linear = Dense(channels)

    def call(self, x):
        x = reshaped(x, self.channels, -1)
        return self.linear(x)


class Rest(layers.Layer):
    """The block `rest`."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.linear = Dense(in_channels)

    def call(self, x):
        x = reshaped(x, -1, 4)
        return self.linear(x)


class ByParameter(keras.Sequential):
    """Maps (N, 3, 4, 8) to (N, 4, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                Rows(8),
                layers.Lambda(lambda x: ops.reshape(x, (-1, 3, 4, x.shape[-1]))),
                Rows(4),
                Rest(4),
            ]
        )
