# Written by `make golden` from softmax.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.softmax(x)  # (N, 5, 6, 4)
        return ops.softmax(ops.mean(x, axis=(1, 2)))  # (N, 4)


# ---- sliced --------------------------------------------------------------------------


def slice_softmax(x, slices):
    """A softmax over parts of the channels, entry by entry."""
    *sizes, channels = ops.shape(x)[1:]
    parts = ops.reshape(x, (-1, *sizes, slices, channels // slices))
    return ops.reshape(ops.softmax(parts, axis=-2), (-1, *sizes, channels))


class Sliced(keras.Model):
    """Maps (N, 5, 4, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(6, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = slice_softmax(x, 2)  # (N, 5, 4, 6)
        x = slice_softmax(self.conv1(x), 3)  # (N, 5, 4, 6)
        return slice_softmax(ops.mean(x, axis=(1, 2)), 6)  # (N, 6)


# ---- parameter -----------------------------------------------------------------------


class Attention(layers.Layer):
    """The block `attention`."""

    def __init__(self, radix: int) -> None:
        super().__init__()
        self.radix = radix
        self.c = Conv2D(4 * radix, 1)

    def call(self, x):
        return slice_softmax(self.c(x), self.radix)


class Parameter(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 24)."""

    def __init__(self, radix: int = 2) -> None:
        super().__init__()
        self.a = Attention(radix)
        self.b = Attention(3 * radix)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 8)
        return self.b(x)  # (N, 5, 6, 24)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__([layers.Softmax(), layers.GlobalAveragePooling2D(), layers.Softmax()])


# ---- numbered_slices -----------------------------------------------------------------


class NumberedSlices(keras.Sequential):
    """Maps (N, 5, 4, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__(
            [
                Conv2D(6, 1),
                layers.Lambda(lambda x: slice_softmax(x, 2)),
                layers.GlobalAveragePooling2D(),
                layers.Lambda(lambda x: slice_softmax(x, 6)),
            ]
        )


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return slice_softmax(ops.softmax(x), 2)  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return slice_softmax(ops.softmax(x), 2)  # (N, 3, 2, 3, 4)
