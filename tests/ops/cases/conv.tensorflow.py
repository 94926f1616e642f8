# Written by `make golden` from conv.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Conv2D(layers.Conv2D):
    """Pads by numbers: how much Keras's "same" pads depends on the size of the input."""

    def __init__(self, filters, kernel_size, padding=0, **options):
        super().__init__(filters, kernel_size, **options)
        frame = layers.ZeroPadding2D(padding)
        reach = [d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]
        if max(self.strides) == 1 and list(frame.padding) == [(r // 2, r - r // 2) for r in reach]:
            self.padding = "same"  # without a stride, it is these numbers, and makes no copy
        self.frame = frame if padding and self.padding == "valid" else layers.Identity()

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * input_shape[-1] // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(self.frame.compute_output_shape(input_shape))

    def call(self, inputs):
        return super().call(self.frame(inputs))


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


class Labelled(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 3, 6, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(6, 3, padding=1)
        self.b = Conv2D(4, 3, strides=2, padding=1, use_bias=False)
        self.c = StridedConv2D(
            5, (3, 5), every=(2, 1), padding=((1, 1), (4, 4)), dilation_rate=(1, 2)
        )

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 9, 11, 6)
        x = self.b(x)  # (N, 5, 6, 4)
        return self.c(x)  # (N, 3, 6, 5)


# ---- numbers -------------------------------------------------------------------------


class Numbers(keras.Model):
    """Maps (N, 12, 10, 4) to (N, 11, 9, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(5, 3, padding=2)
        self.conv2 = Conv2D(5, 3)
        self.conv3 = Conv2D(5, 2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 14, 12, 5)
        x = self.conv2(x)  # (N, 12, 10, 5)
        return self.conv3(x)  # (N, 11, 9, 5)


# ---- sides ---------------------------------------------------------------------------


class Sides(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 4, 11, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(6, 3, strides=2, padding=((0, 1), (2, 3)))
        self.conv2 = Conv2D(2, 2, padding=((0, 1), (2, 3)))

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 4, 7, 6)
        return self.conv2(x)  # (N, 4, 11, 2)


# ---- tensorflow_same -----------------------------------------------------------------


class Conv2D(layers.Conv2D):
    """A convolution that starts as all of this network do."""

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * input_shape[-1] // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)


class TensorflowSame(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 5, 4, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(6, 3, strides=(2, 3), padding="same")
        self.conv2 = Conv2D(6, (2, 4), padding="same", dilation_rate=(2, 1))
        self.conv3 = Conv2D(6, 4, padding="same")

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 4, 6)
        x = self.conv2(x)  # (N, 5, 4, 6)
        return self.conv3(x)  # (N, 5, 4, 6)


# ---- groups --------------------------------------------------------------------------


class Groups(keras.Model):
    """Maps (N, 9, 8, 4) to (N, 5, 4, 16)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(8, 3, strides=2, padding=1, groups=4)
        self.depthwise = Conv2D(16, 3, padding=1, groups=8)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 4, 8)
        return self.depthwise(x)  # (N, 5, 4, 16)


# ---- dilated_groups ------------------------------------------------------------------


class DilatedGroups(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 2, 3, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StridedConv2D(8, 3, every=(2, 2), padding=2, dilation_rate=2, groups=2)
        self.b = StridedConv2D(
            6, 3, every=(2, 3), padding=((1, 2), (3, 0)), dilation_rate=(2, 1), groups=2
        )

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 8)
        return self.b(x)  # (N, 2, 3, 6)


# ---- dilated_tensorflow_same ---------------------------------------------------------


class Conv2D(layers.Conv2D):
    """Pads by numbers: how much Keras's "same" pads depends on the size of the input."""

    def __init__(self, filters, kernel_size, padding=0, **options):
        super().__init__(
            filters, kernel_size, padding="same" if padding == "same" else "valid", **options
        )
        frame = layers.ZeroPadding2D(0 if padding == "same" else padding)
        reach = [d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]
        if max(self.strides) == 1 and list(frame.padding) == [(r // 2, r - r // 2) for r in reach]:
            self.padding = "same"  # without a stride, it is these numbers, and makes no copy
        self.frame = frame if padding and self.padding == "valid" else layers.Identity()

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * input_shape[-1] // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(self.frame.compute_output_shape(input_shape))

    def call(self, inputs):
        return super().call(self.frame(inputs))


class DilatedTensorflowSame(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StridedConv2D(6, 3, every=(2, 2), padding=2, dilation_rate=2)
        self.conv2 = Conv2D(4, 2, padding="same")

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 6)
        return self.conv2(x)  # (N, 5, 6, 4)


# ---- narrow --------------------------------------------------------------------------


class Narrow(keras.Model):
    """Maps (N, 1, 7, 3) to (N, 1, 4, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2D(4, 3, strides=2, padding=1)
        self.conv2 = Conv2D(2, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 1, 4, 4)
        return self.conv2(x)  # (N, 1, 4, 2)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 9, 11, 4) to (N, 4, 9, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                Conv2D(6, 3, padding=1),
                Conv2D(4, 3, strides=2, padding="same", use_bias=False),
                Conv2D(4, 3, padding=2, dilation_rate=2, groups=2),
                Conv2D(4, 3, padding=((0, 1), (2, 3))),
            ]
        )


# ---- initial -------------------------------------------------------------------------


conv_init = partial(keras.initializers.VarianceScaling, 2.0, "fan_out", "untruncated_normal")


conv_init_2 = partial(keras.initializers.RandomNormal, stddev=0.01)


conv_bias_init = partial(keras.initializers.Constant, 0.5)


conv_init_3 = partial(keras.initializers.VarianceScaling, 1 / 3, "fan_in", "uniform")


class Conv2D(layers.Conv2D):
    """Pads by numbers: how much Keras's "same" pads depends on the size of the input."""

    def __init__(self, filters, kernel_size, padding=0, bias_initializer=None, **options):
        super().__init__(filters, kernel_size, bias_initializer=bias_initializer, **options)
        frame = layers.ZeroPadding2D(padding)
        reach = [d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]
        if max(self.strides) == 1 and list(frame.padding) == [(r // 2, r - r // 2) for r in reach]:
            self.padding = "same"  # without a stride, it is these numbers, and makes no copy
        self.frame = frame if padding and self.padding == "valid" else layers.Identity()

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * input_shape[-1] // self.groups) ** -0.5
        if self.bias_initializer is None:
            self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(self.frame.compute_output_shape(input_shape))

    def call(self, inputs):
        return super().call(self.frame(inputs))


class Initial(keras.Sequential):
    """Maps (N, 5, 5, 4) to (N, 5, 5, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [
                Conv2D(3, 1, kernel_initializer=conv_init(), bias_initializer="zeros"),
                Conv2D(
                    3,
                    3,
                    padding=1,
                    kernel_initializer=conv_init_2(),
                    bias_initializer=conv_bias_init(),
                ),
                Conv2D(3, 3, padding=1, kernel_initializer=conv_init_3()),
            ]
        )


# ---- length --------------------------------------------------------------------------


class Conv1D(layers.Conv1D):
    """Pads by numbers: how much Keras's "same" pads depends on the size of the input."""

    def __init__(self, filters, kernel_size, padding=0, **options):
        super().__init__(filters, kernel_size, **options)
        frame = layers.ZeroPadding1D(padding)
        reach = [d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]
        if max(self.strides) == 1 and [frame.padding] == [(r // 2, r - r // 2) for r in reach]:
            self.padding = "same"  # without a stride, it is these numbers, and makes no copy
        self.frame = frame if padding and self.padding == "valid" else layers.Identity()

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * input_shape[-1] // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(self.frame.compute_output_shape(input_shape))

    def call(self, inputs):
        return super().call(self.frame(inputs))


class Length(keras.Model):
    """Maps (N, 13, 4) to (N, 6, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv1D(6, 3, padding=1)
        self.b = Conv1D(4, 5, strides=2, padding=2, use_bias=False)
        self.c = Conv1D(5, 3, padding=(1, 2), dilation_rate=2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 13, 6)
        x = self.b(x)  # (N, 7, 4)
        return self.c(x)  # (N, 6, 5)


# ---- length_groups -------------------------------------------------------------------


class Conv1D(layers.Conv1D):
    """Pads by numbers: how much Keras's "same" pads depends on the size of the input."""

    def __init__(self, filters, kernel_size, padding=0, **options):
        super().__init__(
            filters, kernel_size, padding="same" if padding == "same" else "valid", **options
        )
        frame = layers.ZeroPadding1D(0 if padding == "same" else padding)
        reach = [d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]
        if max(self.strides) == 1 and [frame.padding] == [(r // 2, r - r // 2) for r in reach]:
            self.padding = "same"  # without a stride, it is these numbers, and makes no copy
        self.frame = frame if padding and self.padding == "valid" else layers.Identity()

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * input_shape[-1] // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(self.frame.compute_output_shape(input_shape))

    def call(self, inputs):
        return super().call(self.frame(inputs))


class StridedConv1D(Conv1D):
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


class LengthGroups(keras.Model):
    """Maps (N, 13, 4) to (N, 4, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv1D(8, 3, strides=2, padding=1, groups=4)
        self.conv2 = StridedConv1D(4, 3, every=(2,), padding=2, dilation_rate=2, groups=2)
        self.conv3 = Conv1D(6, 4, padding="same")

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 7, 8)
        x = self.conv2(x)  # (N, 4, 4)
        return self.conv3(x)  # (N, 4, 6)


# ---- volume --------------------------------------------------------------------------


class Conv3D(layers.Conv3D):
    """Pads by numbers: how much Keras's "same" pads depends on the size of the input."""

    def __init__(self, filters, kernel_size, padding=0, **options):
        super().__init__(filters, kernel_size, **options)
        frame = layers.ZeroPadding3D(padding)
        reach = [d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]
        if max(self.strides) == 1 and list(frame.padding) == [(r // 2, r - r // 2) for r in reach]:
            self.padding = "same"  # without a stride, it is these numbers, and makes no copy
        self.frame = frame if padding and self.padding == "valid" else layers.Identity()

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * input_shape[-1] // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(self.frame.compute_output_shape(input_shape))

    def call(self, inputs):
        return super().call(self.frame(inputs))


class Volume(keras.Model):
    """Maps (N, 5, 7, 6, 3) to (N, 5, 4, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv3D(4, 3, padding=1)
        self.b = Conv3D(6, (1, 3, 2), strides=(1, 2, 1), padding=((0, 0), (1, 1), (0, 1)))
        self.c = Conv3D(4, 2, padding=1, dilation_rate=2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 7, 6, 4)
        x = self.b(x)  # (N, 5, 4, 6, 6)
        return self.c(x)  # (N, 5, 4, 6, 4)


# ---- volume_groups -------------------------------------------------------------------


class Conv3D(layers.Conv3D):
    """Pads by numbers: how much Keras's "same" pads depends on the size of the input."""

    def __init__(self, filters, kernel_size, padding=0, **options):
        super().__init__(
            filters, kernel_size, padding="same" if padding == "same" else "valid", **options
        )
        frame = layers.ZeroPadding3D(0 if padding == "same" else padding)
        reach = [d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]
        if max(self.strides) == 1 and list(frame.padding) == [(r // 2, r - r // 2) for r in reach]:
            self.padding = "same"  # without a stride, it is these numbers, and makes no copy
        self.frame = frame if padding and self.padding == "valid" else layers.Identity()

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * input_shape[-1] // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(self.frame.compute_output_shape(input_shape))

    def call(self, inputs):
        return super().call(self.frame(inputs))


class StridedConv3D(Conv3D):
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


class VolumeGroups(keras.Model):
    """Maps (N, 5, 7, 6, 4) to (N, 2, 1, 2, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv3D(4, 3, strides=2, padding=1, groups=2)
        self.conv2 = StridedConv3D(6, 2, every=(1, 2, 1), padding=1, dilation_rate=2, groups=2)
        self.conv3 = Conv3D(2, (2, 1, 3), strides=2, padding="same")

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 3, 4, 3, 4)
        x = self.conv2(x)  # (N, 3, 2, 3, 6)
        return self.conv3(x)  # (N, 2, 1, 2, 2)


# ---- lists ---------------------------------------------------------------------------


class Rows(keras.Sequential):
    """The block `rows`."""

    def __init__(self, width: int) -> None:
        super().__init__(
            [
                Conv2D(width, 3, padding=1),
                Conv2D(width, (1, 3), strides=2, padding=((0, 0), (1, 1))),
            ]
        )


class Lists(keras.Model):
    """Maps (N, 6, 7, 3) to (N, 2, 2, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Rows(4)
        self.b = Rows(5)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 3, 4, 4)
        return self.b(x)  # (N, 2, 2, 5)


# ---- standardized --------------------------------------------------------------------


class StdConv2D(Conv2D):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, filters, kernel_size, eps=1e-8, **options):
        super().__init__(filters, kernel_size, **options)
        self.eps = eps

    @property
    def kernel(self):
        kernel = super().kernel
        axes = tuple(range(len(kernel.shape) - 1))
        mean, variance = ops.mean(kernel, axes), ops.var(kernel, axes)
        return (kernel - mean) / ops.sqrt(variance + self.eps)


class Standardized(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StdConv2D(6, 3, padding=1)
        self.conv2 = StdConv2D(4, 3, strides=2, padding=1, groups=2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 9, 11, 6)
        return self.conv2(x)  # (N, 5, 6, 4)


# ---- standardized_in_part ------------------------------------------------------------


class StdStridedConv2D(StridedConv2D):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, filters, kernel_size, eps=1e-8, **options):
        super().__init__(filters, kernel_size, **options)
        self.eps = eps

    @property
    def kernel(self):
        kernel = super().kernel
        axes = tuple(range(len(kernel.shape) - 1))
        mean, variance = ops.mean(kernel, axes), ops.var(kernel, axes)
        return (kernel - mean) / ops.sqrt(variance + self.eps)


class StandardizedInPart(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 3, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StdConv2D(6, 3, padding=1, use_bias=False, eps=0.01)
        self.conv2 = StdConv2D(4, (1, 3), padding=((0, 0), (1, 2)))
        self.conv3 = StdConv2D(6, 3, strides=2, padding="same")
        self.conv4 = StdStridedConv2D(6, 3, every=(2, 2), padding=2, dilation_rate=2)
        self.conv5 = Conv2D(4, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 9, 11, 6)
        x = self.conv2(x)  # (N, 9, 12, 4)
        x = self.conv3(x)  # (N, 5, 6, 6)
        x = self.conv4(x)  # (N, 3, 3, 6)
        return self.conv5(x)  # (N, 3, 3, 4)


# ---- standardized_length -------------------------------------------------------------


class StdConv1D(Conv1D):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, filters, kernel_size, eps=1e-8, **options):
        super().__init__(filters, kernel_size, **options)
        self.eps = eps

    @property
    def kernel(self):
        kernel = super().kernel
        axes = tuple(range(len(kernel.shape) - 1))
        mean, variance = ops.mean(kernel, axes), ops.var(kernel, axes)
        return (kernel - mean) / ops.sqrt(variance + self.eps)


class StandardizedLength(keras.Model):
    """Maps (N, 13, 4) to (N, 11, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StdConv1D(6, 3, padding=1, eps=1e-05)
        self.conv2 = StdConv1D(6, 3, eps=1e-05)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 13, 6)
        return self.conv2(x)  # (N, 11, 6)


# ---- standardized_volume -------------------------------------------------------------


class StdConv3D(Conv3D):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, filters, kernel_size, eps=1e-8, **options):
        super().__init__(filters, kernel_size, **options)
        self.eps = eps

    @property
    def kernel(self):
        kernel = super().kernel
        axes = tuple(range(len(kernel.shape) - 1))
        mean, variance = ops.mean(kernel, axes), ops.var(kernel, axes)
        return (kernel - mean) / ops.sqrt(variance + self.eps)


class StandardizedVolume(keras.Model):
    """Maps (N, 5, 7, 6, 3) to (N, 5, 7, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = StdConv3D(4, 3, padding=1)
        self.conv2 = Conv3D(4, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 7, 6, 4)
        return self.conv2(x)  # (N, 5, 7, 6, 4)
