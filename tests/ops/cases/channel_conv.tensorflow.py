# Written by `make golden` from channel_conv.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


channel_conv_init = partial(keras.initializers.VarianceScaling, 1 / 3, "fan_in", "uniform")


channel_conv_init_2 = partial(keras.initializers.RandomNormal, stddev=0.5)


class ChannelConv(layers.Layer):
    """A convolution over the channels of vectors."""

    def __init__(self, kernel_size, kernel_initializer="glorot_uniform"):
        super().__init__()
        self.kernel_size = kernel_size
        self.kernel_initializer = kernel_initializer

    def build(self, input_shape):
        shape = (self.kernel_size, 1, 1)
        self.kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")

    def call(self, x):
        row = ops.reshape(x, (-1, x.shape[-1], 1))
        return ops.reshape(ops.conv(row, self.kernel, padding="same"), (-1, *x.shape[1:]))


class Eca(layers.Layer):
    """Wang et al. 2020: channels weigh one another."""

    def __init__(self, kernel: int = 3) -> None:
        super().__init__()
        self.conv = ChannelConv(kernel, kernel_initializer=channel_conv_init())

    def call(self, x):
        y = ops.mean(x, axis=(1, 2))
        y = self.conv(y)
        return x * y[:, None, None]


class Labelled(keras.Model):
    """Maps (N, 4, 5, 6) to (N, 1, 1, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.eca1 = Eca()
        self.eca2 = Eca(kernel=5)
        self.conv1 = Conv2D(4, 1)
        self.a = ChannelConv(3, kernel_initializer=channel_conv_init_2())

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.eca1(x)  # (N, 4, 5, 6)
        x = self.eca2(x)  # (N, 4, 5, 6)
        x = ops.mean(x, axis=(1, 2), keepdims=True)  # (N, 1, 1, 6)
        x = self.conv1(x)  # (N, 1, 1, 4)
        return self.a(x)  # (N, 1, 1, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 7) to (N, 5)."""

    def __init__(self) -> None:
        super().__init__(
            [
                ChannelConv(3, kernel_initializer=channel_conv_init()),
                Dense(5),
                ChannelConv(1, kernel_initializer=channel_conv_init()),
            ]
        )
