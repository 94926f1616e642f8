# Written by `make golden` from pad.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def padded(x, sides, value=0.0):
    """Put a frame around the positions: of zeros, or of -inf, which never wins a maximum.

    `sides` is one width, or (before, after) for each dimension.
    """
    frame = ((sides, sides),) * (len(x.shape) - 2) if isinstance(sides, int) else sides
    return ops.pad(x, ((0, 0), *frame, (0, 0)), constant_values=value)


class Labelled(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 10, 11, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(3, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = padded(x, 1)  # (N, 7, 8, 4)
        x = padded(x, ((1, 2), (0, 3)), value=2.5)  # (N, 10, 11, 4)
        return self.conv1(x)  # (N, 10, 11, 3)


# ---- nothing -------------------------------------------------------------------------


def padded(x, width, value=0.0):
    """Put a frame around the positions: of zeros, or of -inf, which never wins a maximum."""
    frame = ((width, width),) * (len(x.shape) - 2)
    return ops.pad(x, ((0, 0), *frame, (0, 0)), constant_values=value)


class Nothing(keras.Model):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv2D(3, 1)

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = padded(x, 0)  # (N, 5, 6, 4)
        return self.conv1(x)  # (N, 5, 6, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 5, 6, 4) to (N, 12, 13, 3)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: padded(x, 2)),
                Conv2D(3, 1),
                layers.Lambda(lambda x: padded(x, ((1, 2), (0, 3)), value=-1.5)),
            ]
        )


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 9, 4) to (N, 14, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = padded(x, ((1, 2),))  # (N, 12, 4)
        return padded(x, 1, value=0.5)  # (N, 14, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 2, 3, 2, 3) to (N, 5, 8, 7, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = padded(x, ((1, 0), (2, 1), (0, 3)), value=2)  # (N, 3, 6, 5, 3)
        return padded(x, 1)  # (N, 5, 8, 7, 3)
