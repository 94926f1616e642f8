# Written by `make golden` from conv_transpose.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Conv2DTranspose(layers.Conv2DTranspose):
    """A transposed convolution that starts as all of this network do."""

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * self.filters) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 12, 26, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2DTranspose(6, 2, strides=2)
        self.b = Conv2DTranspose(3, (3, 4), strides=(1, 2), use_bias=False)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 10, 12, 6)
        return self.b(x)  # (N, 12, 26, 3)


# ---- padded --------------------------------------------------------------------------


class ExactConv2DTranspose(layers.Conv2DTranspose):
    """A transposed convolution as PyTorch has it: `padding` is cut from both ends, `extra` added
    at the end, and groups of channels and dilations are computed as well."""

    def __init__(
        self, filters, kernel_size, padding=0, extra=0, groups=1, dilation_rate=1, **options
    ):
        super().__init__(filters, kernel_size, output_padding=0, **options)
        given = (padding, extra, dilation_rate)
        each = ((n,) * 2 if isinstance(n, int) else n for n in given)
        self.cut, self.extra, self.dilation = each
        self.groups = groups

    def build(self, input_shape):
        shape = (*self.kernel_size, self.filters // self.groups, input_shape[-1])
        self.kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight((self.filters,), self.bias_initializer, name="bias")

    def call(self, inputs):
        kernel = dilated(self.kernel, self.dilation)
        groups = zip(*(ops.split(v, self.groups, -1) for v in (inputs, kernel)), strict=True)
        x = ops.concatenate([self.transposed(*group) for group in groups], -1)
        x = ops.pad(x, ((0, 0), *((0, more) for more in self.extra), (0, 0)))
        x = x[(slice(None), *(slice(cut, -cut or None) for cut in self.cut))]
        return x if self.bias is None else x + self.bias

    def transposed(self, x, kernel):
        return ops.conv_transpose(x, kernel, self.strides, output_padding=0)

    def compute_output_shape(self, input_shape):
        batch, *sizes, _ = input_shape
        found = []
        for i, size in enumerate(sizes):
            reach = self.dilation[i] * (self.kernel_size[i] - 1)
            more = reach + 1 + self.extra[i] - 2 * self.cut[i]
            found.append(size and (size - 1) * self.strides[i] + more)
        return batch, *found, self.filters


class Conv2DTranspose(ExactConv2DTranspose):
    """A transposed convolution that starts as all of this network do."""

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * self.filters // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)


def dilated(kernel, steps):
    """A kernel with zeros between its entries: TensorFlow transposes no dilated convolution."""
    for axis, step in enumerate(steps):
        sizes = list(kernel.shape)
        around = [(0, 0)] * (axis + 1) + [(0, step - 1)] + [(0, 0)] * (len(sizes) - axis - 1)
        kernel = ops.pad(ops.expand_dims(kernel, axis + 1), around)
        sizes[axis] *= step
        kernel = ops.reshape(kernel, sizes)
        kernel = kernel[(slice(None),) * axis + (slice(sizes[axis] - step + 1),)]
    return kernel


class Padded(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 41, 22, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2DTranspose(3, 4, strides=2, padding=1)
        self.conv_transpose2 = Conv2DTranspose(4, 3, strides=2, padding=1, extra=1)
        self.conv_transpose3 = Conv2DTranspose(2, 3, strides=(2, 1), padding=(0, 2))

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 10, 12, 3)
        x = self.conv_transpose2(x)  # (N, 20, 24, 4)
        return self.conv_transpose3(x)  # (N, 41, 22, 2)


# ---- wide_strides --------------------------------------------------------------------


class WideStrides(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 28, 34, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2DTranspose(3, 2, strides=3)
        self.conv_transpose2 = Conv2DTranspose(3, 1, strides=2, extra=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 14, 17, 3)
        return self.conv_transpose2(x)  # (N, 28, 34, 3)


# ---- dilated -------------------------------------------------------------------------


class Dilated(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 17, 16, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2DTranspose(6, 3, dilation_rate=2, padding=1)
        self.conv_transpose2 = Conv2DTranspose(4, 2, strides=2, dilation_rate=(3, 1), extra=(1, 0))

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 7, 8, 6)
        return self.conv_transpose2(x)  # (N, 17, 16, 4)


# ---- groups --------------------------------------------------------------------------


class Groups(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 19, 23, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2DTranspose(6, 3, strides=2, padding=1, groups=2)
        self.conv_transpose2 = Conv2DTranspose(6, 2, strides=2, dilation_rate=2, groups=6)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 9, 11, 6)
        return self.conv_transpose2(x)  # (N, 19, 23, 6)


# ---- length --------------------------------------------------------------------------


class ExactConv1DTranspose(layers.Conv1DTranspose):
    """A transposed convolution as PyTorch has it: `padding` is cut from both ends, `extra` added
    at the end, and groups of channels and dilations are computed as well."""

    def __init__(
        self, filters, kernel_size, padding=0, extra=0, groups=1, dilation_rate=1, **options
    ):
        super().__init__(filters, kernel_size, output_padding=0, **options)
        given = (padding, extra, dilation_rate)
        each = ((n,) * 1 if isinstance(n, int) else n for n in given)
        self.cut, self.extra, self.dilation = each
        self.groups = groups

    def build(self, input_shape):
        shape = (*self.kernel_size, self.filters // self.groups, input_shape[-1])
        self.kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight((self.filters,), self.bias_initializer, name="bias")

    def call(self, inputs):
        kernel = dilated(self.kernel, self.dilation)
        groups = zip(*(ops.split(v, self.groups, -1) for v in (inputs, kernel)), strict=True)
        x = ops.concatenate([self.transposed(*group) for group in groups], -1)
        x = ops.pad(x, ((0, 0), *((0, more) for more in self.extra), (0, 0)))
        x = x[(slice(None), *(slice(cut, -cut or None) for cut in self.cut))]
        return x if self.bias is None else x + self.bias

    def transposed(self, x, kernel):
        return ops.conv_transpose(x, kernel, self.strides, output_padding=0)

    def compute_output_shape(self, input_shape):
        batch, *sizes, _ = input_shape
        found = []
        for i, size in enumerate(sizes):
            reach = self.dilation[i] * (self.kernel_size[i] - 1)
            more = reach + 1 + self.extra[i] - 2 * self.cut[i]
            found.append(size and (size - 1) * self.strides[i] + more)
        return batch, *found, self.filters


class Conv1DTranspose(ExactConv1DTranspose):
    """A transposed convolution that starts as all of this network do."""

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * self.filters // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)


class Length(keras.Model):
    """Maps (N, 7, 4) to (N, 18, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv1DTranspose(6, 4, strides=2, padding=1)
        self.conv_transpose2 = Conv1DTranspose(4, 3, dilation_rate=2, groups=2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 14, 6)
        return self.conv_transpose2(x)  # (N, 18, 4)


# ---- length_plain --------------------------------------------------------------------


class Conv1DTranspose(layers.Conv1DTranspose):
    """A transposed convolution that starts as all of this network do."""

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * self.filters) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)


class LengthPlain(keras.Model):
    """Maps (N, 7, 4) to (N, 14, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv1DTranspose(6, 2, strides=2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.a(x)  # (N, 14, 6)


# ---- volume --------------------------------------------------------------------------


class ExactConv3DTranspose(layers.Conv3DTranspose):
    """A transposed convolution as PyTorch has it: `padding` is cut from both ends, `extra` added
    at the end, and groups of channels and dilations are computed as well."""

    def __init__(
        self, filters, kernel_size, padding=0, extra=0, groups=1, dilation_rate=1, **options
    ):
        super().__init__(filters, kernel_size, output_padding=0, **options)
        given = (padding, extra, dilation_rate)
        each = ((n,) * 3 if isinstance(n, int) else n for n in given)
        self.cut, self.extra, self.dilation = each
        self.groups = groups

    def build(self, input_shape):
        shape = (*self.kernel_size, self.filters // self.groups, input_shape[-1])
        self.kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight((self.filters,), self.bias_initializer, name="bias")

    def call(self, inputs):
        kernel = dilated(self.kernel, self.dilation)
        groups = zip(*(ops.split(v, self.groups, -1) for v in (inputs, kernel)), strict=True)
        x = ops.concatenate([self.transposed(*group) for group in groups], -1)
        x = ops.pad(x, ((0, 0), *((0, more) for more in self.extra), (0, 0)))
        x = x[(slice(None), *(slice(cut, -cut or None) for cut in self.cut))]
        return x if self.bias is None else x + self.bias

    def transposed(self, x, kernel):
        return ops.conv_transpose(x, kernel, self.strides, output_padding=0)

    def compute_output_shape(self, input_shape):
        batch, *sizes, _ = input_shape
        found = []
        for i, size in enumerate(sizes):
            reach = self.dilation[i] * (self.kernel_size[i] - 1)
            more = reach + 1 + self.extra[i] - 2 * self.cut[i]
            found.append(size and (size - 1) * self.strides[i] + more)
        return batch, *found, self.filters


class Conv3DTranspose(ExactConv3DTranspose):
    """A transposed convolution that starts as all of this network do."""

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * self.filters // self.groups) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)


class Volume(keras.Model):
    """Maps (N, 2, 3, 3, 4) to (N, 4, 12, 12, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv3DTranspose(4, 2, strides=2)
        self.conv_transpose2 = Conv3DTranspose(
            2, (1, 3, 3), strides=(1, 2, 2), padding=(0, 1, 1), extra=(0, 1, 1)
        )

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 4, 6, 6, 4)
        return self.conv_transpose2(x)  # (N, 4, 12, 12, 2)


# ---- volume_plain --------------------------------------------------------------------


class Conv3DTranspose(layers.Conv3DTranspose):
    """A transposed convolution that starts as all of this network do."""

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * self.filters) ** -0.5
        self.kernel_initializer = keras.initializers.RandomUniform(-limit, limit)
        self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)


class VolumePlain(keras.Model):
    """Maps (N, 2, 3, 3, 4) to (N, 4, 6, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv3DTranspose(4, 2, strides=2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return self.a(x)  # (N, 4, 6, 6, 4)


# ---- within_blocks -------------------------------------------------------------------


class Up(layers.Layer):
    """The block `up`."""

    def __init__(self, width: int, by: int) -> None:
        super().__init__()
        self.skip = Conv2D(width, 1)
        self.conv_transpose1 = Conv2DTranspose(width, by, strides=by)

    def call(self, x):
        x = self.skip(x)
        return self.conv_transpose1(x)


class WithinBlocks(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 30, 36, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Up(6, 2)
        self.more = []
        for n in (1, 3):
            self.more.append(Up(4, n))

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 10, 12, 6)
        for more_layer in self.more:
            x = more_layer(x)  # (N, 10, 12, 4) to (N, 30, 36, 4)
        return x


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 20, 24, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [Conv2DTranspose(6, 2, strides=2), Conv2DTranspose(3, 2, strides=2, use_bias=False)]
        )


# ---- initial -------------------------------------------------------------------------


transpose_init = partial(keras.initializers.VarianceScaling, 2.0, "fan_out", "untruncated_normal")


transpose_init_2 = partial(keras.initializers.RandomNormal, stddev=0.01)


transpose_bias_init = partial(keras.initializers.Constant, 0.5)


transpose_init_3 = partial(keras.initializers.VarianceScaling, 1 / 3, "fan_in", "uniform")


class Conv2DTranspose(layers.Conv2DTranspose):
    """A transposed convolution that starts as all of this network do."""

    def __init__(self, filters, kernel_size, bias_initializer=None, **options):
        super().__init__(filters, kernel_size, bias_initializer=bias_initializer, **options)

    def build(self, input_shape):
        """Start by the number of inputs, which Keras tells no bias."""
        limit = (math.prod(self.kernel_size) * self.filters) ** -0.5
        if self.bias_initializer is None:
            self.bias_initializer = keras.initializers.RandomUniform(-limit, limit)
        super().build(input_shape)


class Initial(keras.Sequential):
    """Maps (N, 5, 5, 4) to (N, 10, 10, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [
                Conv2DTranspose(
                    3, 2, kernel_initializer=transpose_init(), bias_initializer="zeros"
                ),
                Conv2DTranspose(
                    3,
                    3,
                    kernel_initializer=transpose_init_2(),
                    bias_initializer=transpose_bias_init(),
                ),
                Conv2DTranspose(3, 3, kernel_initializer=transpose_init_3()),
            ]
        )


# ---- one_start -----------------------------------------------------------------------


class Conv2DTranspose(layers.Conv2DTranspose):
    """A transposed convolution that starts as all of this network do."""

    def __init__(self, filters, kernel_size, **options):
        kernel = keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")
        super().__init__(filters, kernel_size, kernel_initializer=kernel, **options)


class OneStart(keras.Model):
    """Maps (N, 5, 5, 4) to (N, 8, 8, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Conv2DTranspose(3, 2)
        self.conv_transpose2 = Conv2DTranspose(3, 3)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 6, 6, 3)
        return self.conv_transpose2(x)  # (N, 8, 8, 3)
