# Written by `make golden` from avg_pool.res: classes and what they use.


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
        x = ops.average_pool(padded(x, 1), 3, strides=2)  # (N, 5, 6, 4)
        return ops.average_pool(x, 2)  # (N, 2, 3, 4)


# ---- same ----------------------------------------------------------------------------


def padded(x, sides, value=0.0):
    """Put a frame around the positions: of zeros, or of -inf, which never wins a maximum.

    `sides` is one width, or (before, after) for each dimension.
    """
    frame = ((sides, sides),) * (len(x.shape) - 2) if isinstance(sides, int) else sides
    return ops.pad(x, ((0, 0), *frame, (0, 0)), constant_values=value)


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


def avg_pool(x, kernel, stride, sides, ceil=False, count_pad=True):
    """Means over windows of what counts: the input, the padding where `count_pad` says so, never
    what hangs over the edge with `ceil`. Keras's means know none of these."""
    counts = padded(ops.ones_like(x[:1, ..., :1]), sides, float(count_pad))
    x = overhung(x, kernel, stride, sides) if ceil else padded(x, sides)
    sizes = zip(ops.shape(x)[1:-1], ops.shape(counts)[1:-1], strict=True)
    counts = padded(counts, [(0, n - m) for n, m in sizes])
    means = ops.average_pool(x, kernel, stride)
    return means / ops.average_pool(counts, kernel, stride)


class Same(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 5, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.average_pool(padded(x, 1), 3, strides=1)  # (N, 9, 11, 4)
        return avg_pool(x, (3, 3), (2, 2), 1, count_pad=False)  # (N, 5, 6, 4)


# ---- sides ---------------------------------------------------------------------------


class Sides(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 2, 4, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.average_pool(padded(x, ((1, 0), (0, 1))), 3, strides=2)  # (N, 4, 5, 4)
        return avg_pool(x, (3, 4), (2, 1), ((1, 0), (0, 2)), count_pad=False)  # (N, 2, 4, 4)


# ---- tensorflow_same -----------------------------------------------------------------


def same_sides(x, kernel, stride):
    """What Keras's "same" pads, (before, after) each dimension: here padding counts in means."""
    sides = []
    for size, k, s in zip(ops.shape(x)[1:-1], kernel, stride, strict=True):
        total = larger(k - 1 - (size - 1) % s, 0)
        sides.append((total // 2, total - total // 2))
    return sides


class TensorflowSame(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 1, 1, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        # (N, 5, 4, 4)
        x = ops.average_pool(padded(x, same_sides(x, (3, 2), (2, 3))), (3, 2), strides=(2, 3))
        x = ops.average_pool(padded(x, same_sides(x, (2, 2), (1, 1))), 2, strides=1)  # (N, 5, 4, 4)
        x = ops.average_pool(x, 3, strides=2, padding="same")  # (N, 3, 2, 4)
        # (N, 1, 1, 4)
        return ops.average_pool(padded(x, same_sides(x, (2, 2), (5, 5))), 2, strides=5)


# ---- hanging -------------------------------------------------------------------------


class Hanging(keras.Model):
    """Maps (N, 10, 13, 2) to (N, 3, 3, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = avg_pool(x, (3, 3), (2, 2), ((1, 1), (1, 1)), ceil=True)  # (N, 6, 7, 2)
        return avg_pool(x, (2, 2), (3, 3), ((1, 1), (1, 1)), ceil=True)  # (N, 3, 3, 2)


# ---- dropped -------------------------------------------------------------------------


class Dropped(keras.Model):
    """Maps (N, 10, 13, 2) to (N, 4, 5, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return avg_pool(x, (2, 2), (3, 3), ((1, 1), (1, 1)), ceil=True)  # (N, 4, 5, 2)


# ---- hanging_far ---------------------------------------------------------------------


class HangingFar(keras.Model):
    """Maps (N, 11, 5, 2) to (N, 2, 1, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = avg_pool(x, (5, 5), (4, 4), ((2, 2), (2, 2)), ceil=True)  # (N, 4, 2, 2)
        # (N, 2, 1, 2)
        return avg_pool(x, (3, 3), (3, 3), ((1, 1), (1, 1)), ceil=True, count_pad=False)


# ---- hanging_without_padding ---------------------------------------------------------


class HangingWithoutPadding(keras.Model):
    """Maps (N, 12, 10, 2) to (N, 2, 2, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = avg_pool(x, (3, 3), (2, 2), ((0, 0), (0, 0)), ceil=True)  # (N, 6, 5, 2)
        return avg_pool(x, (1, 1), (4, 4), ((0, 0), (0, 0)), ceil=True)  # (N, 2, 2, 2)


# ---- hanging_inside ------------------------------------------------------------------


class HangingInside(keras.Model):
    """Maps (N, 9, 11, 2) to (N, 4, 4, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        # (N, 4, 4, 2)
        return avg_pool(x, (2, 3), (3, 3), ((1, 1), (1, 1)), ceil=True, count_pad=False)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 9, 11, 4) to (N, 4, 5, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: ops.average_pool(padded(x, 1), 3, strides=1)),
                layers.Lambda(lambda x: avg_pool(x, (3, 3), (1, 1), 1, count_pad=False)),
                layers.AveragePooling2D(2, strides=1, padding="same"),
                layers.AveragePooling2D(2),
            ]
        )


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 13, 4) to (N, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = ops.average_pool(padded(x, 1), 3, strides=2)  # (N, 7, 4)
        x = ops.average_pool(padded(x, same_sides(x, (2,), (1,))), 2, strides=1)  # (N, 7, 4)
        return avg_pool(x, (3,), (2,), ((0, 0),), ceil=True)  # (N, 3, 4)


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


def avg_pool3d(x, kernel, stride, sides, ceil=False, count_pad=True):
    """Means over windows of what counts: the input, the padding where `count_pad` says so, never
    what hangs over the edge with `ceil`. Keras's means know none of these."""
    counts = padded(ops.ones_like(x[:1, ..., :1]), sides, float(count_pad))
    x = overhung(x, kernel, stride, sides) if ceil else padded(x, sides)
    sizes = zip(ops.shape(x)[1:-1], ops.shape(counts)[1:-1], strict=True)
    counts = padded(counts, [(0, n - m) for n, m in sizes])
    means = pool3d(ops.average_pool, x, kernel, stride)
    return means / pool3d(ops.average_pool, counts, kernel, stride)


class Volume(keras.Model):
    """Maps (N, 7, 8, 9, 3) to (N, 2, 1, 1, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = pool3d(ops.average_pool, x, (1, 2, 2), (1, 2, 2))  # (N, 7, 4, 4, 3)
        x = avg_pool3d(x, (3, 3, 3), (2, 2, 2), 1, count_pad=False)  # (N, 4, 2, 2, 3)
        # (N, 2, 1, 1, 3)
        return avg_pool3d(x, (2, 2, 2), (2, 2, 2), ((0, 0), (0, 0), (0, 0)), ceil=True)


# ---- volume_padded -------------------------------------------------------------------


class VolumePadded(keras.Model):
    """Maps (N, 7, 8, 9, 3) to (N, 4, 3, 3, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        # (N, 6, 4, 5, 3)
        x = pool3d(ops.average_pool, padded(x, ((1, 0), (0, 1), (1, 1))), (3, 3, 3), (1, 2, 2))
        x = pool3d(ops.average_pool, x, (2, 2, 2), (1, 1, 1), padding="same")  # (N, 6, 4, 5, 3)
        # (N, 4, 3, 3, 3)
        return avg_pool3d(x, (3, 3, 3), (2, 2, 2), ((1, 1), (1, 1), (1, 1)), ceil=True)
