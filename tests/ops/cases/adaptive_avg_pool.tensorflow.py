# Written by `make golden` from adaptive_avg_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def adaptive_avg_pool(x, height, width):
    """Means over a grid of windows that cover the images: PyTorch's, which may overlap."""

    def means(size, count):
        rows = np.zeros((count, size))
        for i in range(count):
            start, stop = i * size // count, -(-(i + 1) * size // count)
            rows[i, start:stop] = 1 / (stop - start)
        return ops.convert_to_tensor(rows, x.dtype)

    down, across = means(x.shape[1], height), means(x.shape[2], width)
    return ops.einsum("nhwc,ph,qw->npqc", x, down, across)


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
