# Written by `make golden` from depthwise.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 5, 11, 12)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, padding=1, groups=4)
        self.b = Conv2D(
            4 * 3, (3, 5), strides=(2, 1), padding=((1, 1), (2, 2)), groups=4, use_bias=False
        )
        self.c = Conv2D(4 * 3, 3, padding=2, dilation_rate=2, groups=4 * 3)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 9, 11, 4)
        x = self.b(x)  # (N, 5, 11, 12)
        return self.c(x)  # (N, 5, 11, 12)


# ---- strided_and_dilated -------------------------------------------------------------


class StridedConv2D(Conv2D):
    """A dilated convolution with a stride, which Keras refuses: all positions, then every few."""

    def __init__(self, filters, kernel_size, every, **options):
        super().__init__(filters, kernel_size, **options)
        self.every = every

    def compute_output_shape(self, input_shape):
        batch, *sizes, channels = super().compute_output_shape(input_shape)
        fewer = (n and -(-n // step) for n, step in zip(sizes, self.every, strict=True))
        return batch, *fewer, channels

    def call(self, inputs):
        fewer = (slice(None, None, step) for step in self.every)
        return super().call(inputs)[(slice(None), *fewer)]


class StridedAndDilated(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 5, 6, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StridedConv2D(4 * 2, 3, every=(2, 2), padding=2, dilation_rate=2, groups=4)
        self.depthwise2 = Conv2D(4 * 2, 2, padding=((0, 1), (1, 0)), groups=4 * 2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 8)
        return self.depthwise2(x)  # (N, 5, 6, 8)


# ---- tensorflow_same -----------------------------------------------------------------


class TensorflowSame(keras.Model):
    """Maps (N, 8, 11, 4) to (N, 2, 4, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, strides=2, padding="same", groups=4)
        self.depthwise2 = Conv2D(4, 3, groups=4)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 4, 6, 4)
        return self.depthwise2(x)  # (N, 2, 4, 4)


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 13, 4) to (N, 7, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv1D(4, 5, strides=2, padding=2, groups=4)
        self.depthwise2 = Conv1D(4 * 2, 3, padding=2, dilation_rate=2, groups=4)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 7, 4)
        return self.depthwise2(x)  # (N, 7, 8)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 5, 7, 6, 3) to (N, 5, 4, 3, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv3D(3 * 2, (1, 3, 3), padding=((0, 0), (1, 1), (1, 1)), groups=3)
        self.depthwise2 = Conv3D(3 * 2, 3, strides=(1, 2, 2), padding=1, groups=3 * 2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 7, 6, 6)
        return self.depthwise2(x)  # (N, 5, 4, 3, 6)


# ---- within_blocks -------------------------------------------------------------------


class Separable(layers.Layer):
    """The block `separable`."""

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.dw = Conv2D(
            in_channels, 3, strides=stride, padding=1, groups=in_channels, use_bias=False
        )
        self.bn = BatchNorm()
        self.pw = Conv2D(width, 1)

    def call(self, x):
        x = ops.relu(self.bn(self.dw(x)))
        return self.pw(x)


class WithinBlocks(keras.Model):
    """Maps (N, 9, 8, 4) to (N, 5, 4, 36)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Separable(4, 6, stride=2)
        channels = 6
        self.wide = []
        for n in (2, 3):
            self.wide.append(
                keras.Sequential(
                    [
                        Conv2D(channels * n, 3, padding=1, groups=channels),
                        layers.ReLU(),
                        Conv2D(channels * n, 1, groups=channels * n),
                    ]
                )
            )
            channels *= n

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 4, 6)
        for wide_layer in self.wide:
            x = wide_layer(x)  # (N, 5, 4, 12) to (N, 5, 4, 36)
        return x


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 9, 11, 4) to (N, 9, 11, 8)."""

    def __init__(self) -> None:
        super().__init__([Conv2D(4, 3, padding=1, groups=4), Conv2D(4 * 2, 3, padding=1, groups=4)])


# ---- initial -------------------------------------------------------------------------


conv_init = partial(keras.initializers.VarianceScaling, 2.0, "fan_out", "untruncated_normal")


conv_init_2 = partial(keras.initializers.RandomNormal, stddev=0.01)


conv_bias_init = partial(keras.initializers.Constant, 0.5)


conv_init_3 = partial(keras.initializers.VarianceScaling, 1 / 3, "fan_in", "uniform")


class Initial(keras.Sequential):
    """Maps (N, 5, 5, 4) to (N, 5, 5, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [
                Conv2D(
                    4,
                    3,
                    padding=1,
                    groups=4,
                    kernel_initializer=conv_init(),
                    bias_initializer="zeros",
                ),
                Conv2D(
                    4,
                    3,
                    padding=1,
                    groups=4,
                    kernel_initializer=conv_init_2(),
                    bias_initializer=conv_bias_init(),
                ),
                Conv2D(3, 3, padding=1, kernel_initializer=conv_init_3()),
            ]
        )
