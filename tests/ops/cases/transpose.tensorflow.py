# Written by `make golden` from transpose.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 4, 5, 6) to (N, 4, 7)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(3, 3, padding=1)
        self.linear1 = Dense(4)
        self.linear2 = Dense(7)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.swapaxes(x, 1, 2)  # (N, 5, 4, 6)
        x = self.conv1(x)  # (N, 5, 4, 3)
        x = ops.swapaxes(x, 3, 2)  # (N, 5, 3, 4)
        x = self.linear1(x)  # (N, 5, 3, 4)
        x = ops.reshape(x, (-1, 15, x.shape[-1]))  # (N, 15, 4)
        x = ops.swapaxes(x, 2, 1)  # (N, 4, 15)
        return self.linear2(x)  # (N, 4, 7)


# ---- numbered ------------------------------------------------------------------------


def reshaped(x, *sizes):
    """Other sizes, channels first, with the entries in PyTorch's order: channel by channel."""
    rest = -math.prod(ops.shape(x)[1:]) // math.prod(sizes)  # where one is -1
    sizes = [rest if size == -1 else size for size in sizes]
    return ops.moveaxis(ops.reshape(ops.moveaxis(x, -1, 1), (-1, *sizes)), 1, -1)


class Numbered(keras.Sequential):
    """Maps (N, 4, 5, 6) to (N, 4, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: ops.swapaxes(x, 3, 1)),
                Conv2D(3, 3, padding=1),
                layers.Lambda(lambda x: reshaped(x, 3, -1)),
                layers.Lambda(lambda x: ops.swapaxes(x, 2, 1)),
                Dense(4),
                layers.Lambda(lambda x: ops.swapaxes(x, 1, 2)),
            ]
        )


# ---- mlp_mixer -----------------------------------------------------------------------


class Mixer(layers.Layer):
    """Tolstikhin et al. 2021: tokens are mixed, then channels."""

    def __init__(self, in_channels: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = layers.LayerNormalization(epsilon=1e-05)
        self.fc1 = Dense(hidden)
        self.fc2 = Dense(12)
        self.norm2 = layers.LayerNormalization(epsilon=1e-05)
        self.fc3 = Dense(hidden)
        self.fc4 = Dense(in_channels)

    def call(self, x):
        y = self.norm1(x)
        y = ops.swapaxes(y, 2, 1)
        y = ops.relu(self.fc1(y))
        y = self.fc2(y)
        y = ops.swapaxes(y, 2, 1)
        x = y + x
        y = self.norm2(x)
        y = ops.relu(self.fc3(y))
        y = self.fc4(y)
        return y + x


class MlpMixer(keras.Model):
    """Maps (N, 6, 8, 3) to (N, 12, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = Conv2D(5, 2, strides=2)
        self.mixer1 = Mixer(5, 7)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.patches(x)  # (N, 3, 4, 5)
        x = ops.reshape(x, (-1, 12, x.shape[-1]))  # (N, 12, 5)
        return self.mixer1(x)  # (N, 12, 5)
