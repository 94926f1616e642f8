# Written by `make golden` from max_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def padded(x, width, value=0.0):
    """Put a frame around images: of zeros, or of -inf, which never wins a maximum."""
    return ops.pad(x, ((0, 0), (width, width), (width, width), (0, 0)), constant_values=value)


class Labelled(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 2, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.max_pool(padded(x, 1, -math.inf), 3, strides=2)  # (N, 5, 6, 4)
        return ops.max_pool(x, 2)  # (N, 2, 3, 4)


# ---- shapes --------------------------------------------------------------------------


class Shapes(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 9, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.max_pool(x, (2, 3), strides=(1, 2))  # (N, 8, 5, 4)
        x = ops.max_pool(padded(x, 2, -math.inf), 4, strides=1)  # (N, 9, 6, 4)
        return ops.max_pool(padded(x, 1, -math.inf), 3, strides=1)  # (N, 9, 6, 4)


# ---- sides ---------------------------------------------------------------------------


def padded(x, sides, value=0.0):
    """Put a frame around images: of zeros, or of -inf, which never wins a maximum.

    `sides` is one width, or ((top, bottom), (left, right)).
    """
    down, across = ((sides, sides),) * 2 if isinstance(sides, int) else sides
    return ops.pad(x, ((0, 0), down, across, (0, 0)), constant_values=value)


class Sides(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 2, 10, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        # (N, 4, 11, 4)
        x = ops.max_pool(padded(x, ((1, 0), (0, 1)), -math.inf), (3, 2), strides=(2, 1))
        # (N, 2, 10, 4)
        return ops.max_pool(padded(x, ((1, 0), (0, 2)), -math.inf), (3, 4), strides=(2, 1))


# ---- tensorflow_same -----------------------------------------------------------------


class TensorflowSame(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 1, 1, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.max_pool(x, 3, strides=(2, 3), padding="same")  # (N, 5, 4, 4)
        return ops.max_pool(x, 2, strides=5, padding="same")  # (N, 1, 1, 4)


# ---- hanging -------------------------------------------------------------------------


def overhung(x, kernel, stride, sides, value=0.0):
    """Pad images, at the end as far as a last window hangs over that starts inside of them or of
    the padding before (PyTorch's `ceil_mode`)."""
    frame = []
    for size, k, s, (before, after) in zip(x.shape[1:3], kernel, stride, sides, strict=True):
        start = -(-(size + before + after - k) // s) * s
        if start >= size + before:
            start -= s
        frame.append((before, max(after, start + k - size - before)))
    return padded(x, frame, value)


def ceil_max_pool(x, kernel, stride, sides):
    """Largest entries of windows, of which the last may hang over the edge."""
    return ops.max_pool(overhung(x, kernel, stride, sides, -math.inf), kernel, stride)


class Hanging(keras.Model):
    """Maps (N, 10, 13, 2) to (N, 3, 3, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ceil_max_pool(x, (3, 3), (2, 2), ((1, 1), (1, 1)))  # (N, 6, 7, 2)
        return ceil_max_pool(x, (2, 2), (3, 3), ((1, 1), (1, 1)))  # (N, 3, 3, 2)


# ---- dropped -------------------------------------------------------------------------


class Dropped(keras.Model):
    """Maps (N, 10, 13, 2) to (N, 4, 5, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return ceil_max_pool(x, (2, 2), (3, 3), ((1, 1), (1, 1)))  # (N, 4, 5, 2)


# ---- hanging_far ---------------------------------------------------------------------


class HangingFar(keras.Model):
    """Maps (N, 11, 5, 2) to (N, 2, 1, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ceil_max_pool(x, (5, 5), (4, 4), ((2, 2), (2, 2)))  # (N, 4, 2, 2)
        return ceil_max_pool(x, (3, 3), (3, 3), ((1, 1), (1, 1)))  # (N, 2, 1, 2)


# ---- hanging_without_padding ---------------------------------------------------------


class HangingWithoutPadding(keras.Model):
    """Maps (N, 12, 10, 2) to (N, 2, 2, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ceil_max_pool(x, (3, 3), (2, 2), ((0, 0), (0, 0)))  # (N, 6, 5, 2)
        return ceil_max_pool(x, (1, 1), (4, 4), ((0, 0), (0, 0)))  # (N, 2, 2, 2)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 9, 11, 4) to (N, 2, 6, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: ops.max_pool(padded(x, 1, -math.inf), 3, strides=1)),
                layers.MaxPooling2D(2, strides=1, padding="same"),
                layers.Lambda(
                    lambda x: ops.max_pool(
                        padded(x, ((1, 0), (0, 1)), -math.inf), (3, 2), strides=(2, 1)
                    )
                ),
                layers.Lambda(lambda x: ceil_max_pool(x, (2, 2), (2, 2), ((0, 0), (0, 0)))),
            ]
        )
