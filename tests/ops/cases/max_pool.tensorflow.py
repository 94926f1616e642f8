# Written by `make golden` from max_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def padded(x, width, value=0.0):
    """Put a frame around the positions: of zeros, or of -inf, which never wins a maximum."""
    frame = ((width, width),) * (len(x.shape) - 2)
    return ops.pad(x, ((0, 0), *frame, (0, 0)), constant_values=value)


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
    """Put a frame around the positions: of zeros, or of -inf, which never wins a maximum.

    `sides` is one width, or (before, after) for each dimension.
    """
    frame = ((sides, sides),) * (len(x.shape) - 2) if isinstance(sides, int) else sides
    return ops.pad(x, ((0, 0), *frame, (0, 0)), constant_values=value)


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


def larger(a, b):
    """The larger of two whole numbers, either of which may be a tensor: a size at run time."""
    return (a + b + abs(a - b)) // 2


def overhung(x, kernel, stride, sides, value=0.0):
    """Pad, at the end as far as a last window hangs over that starts inside of the
    input or of the padding before (PyTorch's `ceil_mode`)."""
    frame = []
    for size, k, s, (before, after) in zip(ops.shape(x)[1:-1], kernel, stride, sides, strict=True):
        start = (size + before - 1 + min(after - k + s, 0)) // s * s
        frame.append((before, larger(after, start + k - size - before)))
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


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 13, 4) to (N, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.max_pool(padded(x, 1, -math.inf), 3, strides=2)  # (N, 7, 4)
        x = ops.max_pool(padded(x, ((1, 0),), -math.inf), 3, strides=1)  # (N, 6, 4)
        return ops.max_pool(x, 2, padding="same")  # (N, 3, 4)


# ---- volume --------------------------------------------------------------------------


def pool3d(pool, x, kernel, strides, padding="valid"):
    """A pool over height and width, then over the depth: TensorFlow's own know no float64."""
    _, depth, height, width, channels = ops.shape(x)
    x = ops.reshape(x, (-1, height, width, channels))
    x = pool(x, kernel[1:], strides[1:], padding)
    _, height, width, _ = ops.shape(x)
    x = ops.reshape(x, (-1, depth, height * width, channels))
    x = pool(x, (kernel[0], 1), (strides[0], 1), padding)
    return ops.reshape(x, (-1, ops.shape(x)[1], height, width, channels))


def ceil_max_pool3d(x, kernel, stride, sides):
    """Largest entries of windows, of which the last may hang over the edge."""
    return pool3d(ops.max_pool, overhung(x, kernel, stride, sides, -math.inf), kernel, stride)


class Volume(keras.Model):
    """Maps (N, 7, 8, 9, 3) to (N, 4, 2, 3, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = pool3d(ops.max_pool, padded(x, 1, -math.inf), (3, 3, 3), (2, 2, 2))  # (N, 4, 4, 5, 3)
        # (N, 4, 3, 5, 3)
        x = pool3d(
            ops.max_pool, padded(x, ((0, 1), (0, 0), (1, 0)), -math.inf), (2, 2, 2), (1, 1, 1)
        )
        return ceil_max_pool3d(x, (1, 2, 2), (1, 2, 2), ((0, 0), (0, 0), (0, 0)))  # (N, 4, 2, 3, 3)


# ---- volume_named --------------------------------------------------------------------


class VolumeNamed(keras.Model):
    """Maps (N, 7, 8, 9, 3) to (N, 4, 8, 3, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return pool3d(ops.max_pool, x, (2, 3, 1), (2, 1, 3), padding="same")  # (N, 4, 8, 3, 3)
