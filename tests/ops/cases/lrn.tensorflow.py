# Written by `make golden` from lrn.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def lrn(x, size=5, alpha=1e-4, beta=0.75, k=1.0):
    """Divide by the mean square over channels as PyTorch does. TensorFlow's own takes the sum, and
    knows no float64."""
    channels, reach = x.shape[-1], size // 2
    frame = ((0, 0),) * (len(x.shape) - 1)
    squares = ops.pad(ops.square(x), (*frame, (reach, reach)))
    total = sum(squares[..., i : i + channels] for i in range(size))
    return x / (k + alpha / size * total) ** beta


class Labelled(keras.Model):
    """Maps (N, 4, 3, 9) to (N, 4, 3, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        x = lrn(x)  # (N, 4, 3, 9)
        return lrn(x, size=3, alpha=0.3, beta=0.6, k=1.5)  # (N, 4, 3, 9)


# ---- wide ----------------------------------------------------------------------------


class Wide(keras.Model):
    """Maps (N, 4, 3, 4) to (N, 4, 3, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return lrn(x, size=7, alpha=0.4)  # (N, 4, 3, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(keras.Sequential):
    """Maps (N, 4, 3, 9) to (N, 4, 3, 9)."""

    def __init__(self) -> None:
        super().__init__(
            [
                layers.Lambda(lambda x: lrn(x)),
                layers.Lambda(lambda x: lrn(x, size=3, alpha=0.3, beta=0.6, k=1.5)),
            ]
        )


# ---- length --------------------------------------------------------------------------


class Length(keras.Model):
    """Maps (N, 7, 9) to (N, 7, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return lrn(x, size=3, alpha=0.4)  # (N, 7, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(keras.Model):
    """Maps (N, 2, 3, 2, 9) to (N, 2, 3, 2, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def call(self, x, training=None):  # `fit` asks for it, layers inherit it
        return lrn(x, size=3, alpha=0.4)  # (N, 2, 3, 2, 9)
