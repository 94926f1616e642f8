# Written by `make golden` from max_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 2, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.max_pool(x, (3, 3), strides=(2, 2), padding=((1, 1), (1, 1)))  # (N, 5, 6, 4)
        return nnx.max_pool(x, (2, 2), strides=(2, 2))  # (N, 2, 3, 4)


# ---- shapes --------------------------------------------------------------------------


class Shapes(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 9, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.max_pool(x, (2, 3), strides=(1, 2))  # (N, 8, 5, 4)
        x = nnx.max_pool(x, (4, 4), padding=((2, 2), (2, 2)))  # (N, 9, 6, 4)
        return nnx.max_pool(x, (3, 3), padding=((1, 1), (1, 1)))  # (N, 9, 6, 4)


# ---- sides ---------------------------------------------------------------------------


class Sides(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 2, 10, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.max_pool(x, (3, 2), strides=(2, 1), padding=((1, 0), (0, 1)))  # (N, 4, 11, 4)
        return nnx.max_pool(x, (3, 4), strides=(2, 1), padding=((1, 0), (0, 2)))  # (N, 2, 10, 4)


# ---- tensorflow_same -----------------------------------------------------------------


class TensorflowSame(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 1, 1, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.max_pool(x, (3, 3), strides=(2, 3), padding="SAME")  # (N, 5, 4, 4)
        return nnx.max_pool(x, (2, 2), strides=(5, 5), padding="SAME")  # (N, 1, 1, 4)


# ---- hanging -------------------------------------------------------------------------


def ceil_padding(
    x: Array,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: Sequence[tuple[int, int]],
) -> list[tuple[int, int]]:
    """Padding for a last window that hangs over the edge, if it starts inside, as in PyTorch."""
    padded = []
    for axis, (before, after) in enumerate(padding):
        size, reach, step = x.shape[1 + axis] + before, window[axis], strides[axis]
        last = min(-(-(size + after - reach) // step), (size - 1) // step)
        padded.append((before, max(after, last * step + reach - size)))
    return padded


def ceil_max_pool(
    x: Array,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: Sequence[tuple[int, int]] = (),
) -> Array:
    """A max pool whose last windows may hang over the edge."""
    padding = padding or [(0, 0)] * len(window)
    return nnx.max_pool(x, window, strides, ceil_padding(x, window, strides, padding))


class Hanging(nnx.Module):
    """Maps (N, 10, 13, 2) to (N, 3, 3, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = ceil_max_pool(x, (3, 3), strides=(2, 2), padding=((1, 1), (1, 1)))  # (N, 6, 7, 2)
        return ceil_max_pool(x, (2, 2), strides=(3, 3), padding=((1, 1), (1, 1)))  # (N, 3, 3, 2)


# ---- dropped -------------------------------------------------------------------------


class Dropped(nnx.Module):
    """Maps (N, 10, 13, 2) to (N, 4, 5, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return ceil_max_pool(x, (2, 2), strides=(3, 3), padding=((1, 1), (1, 1)))  # (N, 4, 5, 2)


# ---- hanging_far ---------------------------------------------------------------------


class HangingFar(nnx.Module):
    """Maps (N, 11, 5, 2) to (N, 2, 1, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = ceil_max_pool(x, (5, 5), strides=(4, 4), padding=((2, 2), (2, 2)))  # (N, 4, 2, 2)
        return ceil_max_pool(x, (3, 3), strides=(3, 3), padding=((1, 1), (1, 1)))  # (N, 2, 1, 2)


# ---- hanging_without_padding ---------------------------------------------------------


class HangingWithoutPadding(nnx.Module):
    """Maps (N, 12, 10, 2) to (N, 2, 2, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = ceil_max_pool(x, (3, 3), strides=(2, 2))  # (N, 6, 5, 2)
        return ceil_max_pool(x, (1, 1), strides=(4, 4))  # (N, 2, 2, 2)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 9, 11, 4) to (N, 2, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            partial(nnx.max_pool, window_shape=(3, 3), padding=((1, 1), (1, 1))),
            partial(nnx.max_pool, window_shape=(2, 2), padding="SAME"),
            partial(nnx.max_pool, window_shape=(3, 2), strides=(2, 1), padding=((1, 0), (0, 1))),
            partial(ceil_max_pool, window=(2, 2), strides=(2, 2)),
        )


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 13, 4) to (N, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.max_pool(x, (3,), strides=(2,), padding=((1, 1),))  # (N, 7, 4)
        x = nnx.max_pool(x, (3,), padding=((1, 0),))  # (N, 6, 4)
        return nnx.max_pool(x, (2,), strides=(2,), padding="SAME")  # (N, 3, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 7, 8, 9, 3) to (N, 4, 2, 3, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        # (N, 4, 4, 5, 3)
        x = nnx.max_pool(x, (3, 3, 3), strides=(2, 2, 2), padding=((1, 1), (1, 1), (1, 1)))
        x = nnx.max_pool(x, (2, 2, 2), padding=((0, 1), (0, 0), (1, 0)))  # (N, 4, 3, 5, 3)
        return ceil_max_pool(x, (1, 2, 2), strides=(1, 2, 2))  # (N, 4, 2, 3, 3)


# ---- volume_named --------------------------------------------------------------------


class VolumeNamed(nnx.Module):
    """Maps (N, 7, 8, 9, 3) to (N, 4, 8, 3, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return nnx.max_pool(x, (2, 3, 1), strides=(2, 1, 3), padding="SAME")  # (N, 4, 8, 3, 3)
