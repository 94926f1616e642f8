# Written by `make golden` from adaptive_avg_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def adaptive_avg_pool(x, *sizes):
    """Means over a grid of windows that cover the positions: PyTorch's, which may overlap."""

    def means(size, count):
        # As sizes known at run time are: in float64, Keras would count in int64.
        windows, position = (ops.arange(n, dtype="int32") for n in (count, size))
        window = windows[:, None]
        start, stop = window * size // count, ((window + 1) * size + count - 1) // count
        inside = ops.cast(ops.logical_and(start <= position, position < stop), x.dtype)
        return inside / ops.sum(inside, axis=1, keepdims=True)

    for axis, count in enumerate(sizes, start=1):
        pooled = ops.tensordot(x, means(ops.shape(x)[axis], count), ((axis,), (1,)))
        x = ops.moveaxis(pooled, -1, axis)
    return x


class Labelled(keras.Model):
    """Maps (N, 9, 11, 4) to (N, 6, 6, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = adaptive_avg_pool(x, 3, 4)  # (N, 3, 4, 4)
        return adaptive_avg_pool(x, 6, 6)  # (N, 6, 6, 4)


# ---- even ----------------------------------------------------------------------------


class Even(keras.Model):
    """Maps (N, 6, 9, 4) to (N, 1, 1, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = adaptive_avg_pool(x, 2, 3)  # (N, 2, 3, 4)
        return adaptive_avg_pool(x, 1, 1)  # (N, 1, 1, 4)


# ---- the_same_size -------------------------------------------------------------------


class TheSameSize(keras.Model):
    """Maps (N, 6, 9, 4) to (N, 7, 2, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = adaptive_avg_pool(x, 6, 9)  # (N, 6, 9, 4)
        return adaptive_avg_pool(x, 7, 2)  # (N, 7, 2, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 9, 11, 4) to (N, 3, 1, 4)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: adaptive_avg_pool(x, 7, 7)),
                layers.Lambda(lambda x: adaptive_avg_pool(x, 3, 1)),
            ]
        )


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 13, 4) to (N, 1, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = adaptive_avg_pool(x, 5)  # (N, 5, 4)
        return adaptive_avg_pool(x, 1)  # (N, 1, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 5, 7, 6, 3) to (N, 1, 3, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = adaptive_avg_pool(x, 2, 3, 4)  # (N, 2, 3, 4, 3)
        return adaptive_avg_pool(x, 1, 3, 2)  # (N, 1, 3, 2, 3)
