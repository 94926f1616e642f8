# Written by `make golden` from blur_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def blur_pool(x, kernel, stride):
    """Blur with binomial weights and keep every few positions (Zhang 2019)."""
    frame = ((kernel - 1) // 2, kernel // 2)
    x = ops.pad(x, ((0, 0), *[frame] * (len(x.shape) - 2), (0, 0)), "reflect")
    for axis in range(1, len(x.shape) - 1):
        before, last = (slice(None),) * axis, ops.shape(x)[axis] - kernel + 1
        parts = (x[(*before, slice(i, i + last, stride))] for i in range(kernel))
        x = sum(math.comb(kernel - 1, i) * part for i, part in enumerate(parts))
        x = x / 2 ** (kernel - 1)
    return x


class Labelled(keras.Model):
    """Maps (N, 9, 12, 4) to (N, 3, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = blur_pool(x, 3, 2)  # (N, 5, 6, 4)
        x = blur_pool(x, 4, 1)  # (N, 5, 6, 4)
        return blur_pool(x, 5, 2)  # (N, 3, 3, 4)


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 13, 4) to (N, 4, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = blur_pool(x, 7, 2)  # (N, 7, 4)
        return blur_pool(x, 2, 2)  # (N, 4, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 5, 7, 6, 3) to (N, 1, 2, 1, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = blur_pool(x, 3, 2)  # (N, 3, 4, 3, 3)
        return blur_pool(x, 3, 3)  # (N, 1, 2, 1, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 9, 11, 4) to (N, 2, 2, 6)."""

    def __init__(self) -> None:
        super().__init__(
            [
                Conv2D(6, 3, padding=1),
                layers.Lambda(lambda x: blur_pool(x, 3, 3)),
                layers.Lambda(lambda x: blur_pool(x, 1, 2)),
            ]
        )


# ---- within_blocks -------------------------------------------------------------------


class Narrow(layers.Layer):
    """The block `narrow`."""

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.conv1 = Conv2D(width, 3, padding=1)
        self.shortcut = keras.Sequential(
            [layers.Lambda(lambda x, size=size: blur_pool(x, size, 2)), Conv2D(width, 1)]
        )

    def call(self, x):
        y = self.conv1(x)
        y = blur_pool(y, self.size, 2)
        return y + self.shortcut(x)


class WithinBlocks(keras.Model):
    """Maps (N, 9, 12, 4) to (N, 3, 3, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Narrow(6, 3)
        self.b = Narrow(5, 2)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = self.a(x)  # (N, 5, 6, 6)
        return self.b(x)  # (N, 3, 3, 5)
