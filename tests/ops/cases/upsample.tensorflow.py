# Written by `make golden` from upsample.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def upsample(x, by):
    """As many times the positions in every direction, each repeated."""
    for axis, factor in enumerate(by, 1):
        x = ops.repeat(x, factor, axis=axis)
    return x


def interpolated(x, sizes):
    """Other numbers of positions, interpolated between their centres. Keras does it in float32."""
    for axis, size in enumerate(sizes, 1):
        before = ops.shape(x)[axis]
        position, n, m = (ops.cast(v, "float64") for v in (ops.arange(size), before, size))
        centre = ops.maximum((position + 0.5) * n / m - 0.5, 0.0)
        low = ops.cast(centre, "int32")
        high = ops.minimum(low + 1, before - 1)
        share = ops.cast(centre - ops.floor(centre), x.dtype)
        share = ops.reshape(share, [-1] + [1] * (len(x.shape) - axis - 1))
        x = (1 - share) * ops.take(x, low, axis=axis) + share * ops.take(x, high, axis=axis)
    return x


def upsample_linear(x, by):
    """As many times the positions in every direction, interpolated."""
    sizes = zip(ops.shape(x)[1:-1], by, strict=True)
    return interpolated(x, [size * factor for size, factor in sizes])


class Labelled(keras.Model):
    """Maps (N, 4, 5, 3) to (N, 48, 60, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(2, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = upsample(x, (2, 2))  # (N, 8, 10, 3)
        x = upsample(x, (1, 3))  # (N, 8, 30, 3)
        x = self.conv1(x)  # (N, 8, 30, 2)
        x = upsample_linear(x, (2, 2))  # (N, 16, 60, 2)
        return upsample_linear(x, (3, 1))  # (N, 48, 60, 2)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 4, 5, 3) to (N, 48, 30, 2)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.UpSampling2D(3),
                layers.Lambda(lambda x: upsample_linear(x, (2, 2))),
                Conv2D(2, 1),
                layers.UpSampling2D((2, 1)),
            ]
        )


# ---- like_another --------------------------------------------------------------------


def repeated(x, sizes):
    """Other numbers of positions, each the nearest one before, as in PyTorch."""
    for axis, size in enumerate(sizes, 1):
        # As sizes known at run time are: in float64, Keras would count in int64.
        position = ops.arange(size, dtype="int32")
        x = ops.take(x, position * ops.shape(x)[axis] // size, axis=axis)
    return x


class LikeAnother(keras.Model):
    """Maps (N, 7, 10, 3) to (N, 7, 10, 7)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(4, 3, strides=2, padding=1)
        self.conv2 = Conv2D(4, 3, strides=2, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        conv1 = self.conv1(x)  # (N, 4, 5, 4)
        y = self.conv2(conv1)  # (N, 2, 3, 4)
        y = repeated(y, ops.shape(conv1)[1:-1])  # (N, 4, 5, 4)
        y = y + conv1  # (N, 4, 5, 4)
        y = interpolated(y, ops.shape(x)[1:-1])  # (N, 7, 10, 4)
        y = ops.concatenate([y, x], axis=-1)  # (N, 7, 10, 7)
        return interpolated(y, ops.shape(x)[1:-1])  # (N, 7, 10, 7)


# ---- levels --------------------------------------------------------------------------


class Pyramid(layers.Layer):
    """A pyramid: what comes down is repeated to what it meets."""

    def __init__(self) -> None:
        super().__init__()
        self.level = []
        self.level.append(Conv2D(4, 3, padding=1))
        self.level.append(Conv2D(4, 3, strides=2, padding=1))
        self.level.append(Conv2D(4, 3, strides=2, padding=1))
        self.top = Conv2D(4, 1)
        self.lateral = []
        for _ in range(2):
            self.lateral.append(Conv2D(4, 1))

    def call(self, x):
        level = []
        x = self.level[0](x)
        level.append(x)
        x = self.level[1](x)
        level.append(x)
        x = self.level[2](x)
        level.append(x)
        x = self.top(x)
        for i in range(2):
            y = repeated(x, ops.shape(level[1 - i])[1:-1])
            z = self.lateral[i](level[1 - i])
            x = y + z
        return x


class Levels(keras.Sequential):
    """Maps (N, 9, 6, 3) to (N, 9, 6, 4)."""

    def __init__(self) -> None:
        super().__init__([Pyramid()])


# ---- sequences -----------------------------------------------------------------------


class Sequences(keras.Model):
    """Maps (N, 10, 3) to (N, 60, 7)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv1D(4, 3, padding=1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        y = upsample(x, (2,))  # (N, 20, 3)
        y = self.conv1(y)  # (N, 20, 4)
        y = upsample_linear(y, (3,))  # (N, 60, 4)
        b = y  # (N, 60, 4)
        y = interpolated(x, ops.shape(b)[1:-1])  # (N, 60, 3)
        return ops.concatenate([y, b], axis=-1)  # (N, 60, 7)


# ---- volumes -------------------------------------------------------------------------


class Volumes(keras.Model):
    """Maps (N, 3, 2, 4, 2) to (N, 6, 8, 24, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        a = upsample(x, (2, 2, 2))  # (N, 6, 4, 8, 2)
        x = upsample_linear(a, (1, 2, 3))  # (N, 6, 8, 24, 2)
        b = x  # (N, 6, 8, 24, 2)
        return interpolated(a, ops.shape(b)[1:-1])  # (N, 6, 8, 24, 2)


# ---- volumes_in_a_row ----------------------------------------------------------------


class VolumesInARow(keras.Sequential):
    """Maps (N, 3, 2, 4, 2) to (N, 12, 16, 16, 2)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.UpSampling3D(2),
                layers.UpSampling3D((1, 2, 1)),
                layers.Lambda(lambda x: upsample_linear(x, (2, 2, 2))),
            ]
        )


# ---- sequences_in_a_row --------------------------------------------------------------


class SequencesInARow(keras.Sequential):
    """Maps (N, 10, 3) to (N, 60, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [layers.UpSampling1D(2), layers.Lambda(lambda x: upsample_linear(x, (3,)))]
        )


# ---- by_parameter --------------------------------------------------------------------


class Scaled(layers.Layer):
    """The block `scaled`."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self.by = by
        self.conv = Conv2D(3, 1)

    def call(self, x):
        x = self.conv(x)
        return upsample(x, (self.by, self.by))


class ByParameter(keras.Sequential):
    """Maps (N, 4, 5, 3) to (N, 24, 30, 3)."""

    def __init__(self) -> None:
        super().__init__([Scaled(2), Scaled(3)])
