# Written by `make golden` from avg_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 2, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.avg_pool(x, (3, 3), strides=(2, 2), padding=((1, 1), (1, 1)))  # (N, 5, 6, 4)
        return nnx.avg_pool(x, (2, 2), strides=(2, 2))  # (N, 2, 3, 4)


# ---- same ----------------------------------------------------------------------------


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


def counted_avg_pool(
    x: Array,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str | Sequence[tuple[int, int]] = (),
    ceil: bool = False,
    count_padding: bool = True,
) -> Array:
    """An average pool that counts padding if asked to, and never what hangs over the edge."""
    if isinstance(padding, str):
        padding = lax.padtype_to_pads(x.shape[1:-1], window, strides, padding)
    padding = padding or [(0, 0)] * len(window)
    edges = ceil_padding(x, window, strides, padding) if ceil else padding
    counted = jnp.ones((1, *x.shape[1:-1], 1), x.dtype)
    counted = jnp.pad(counted, [(0, 0), *padding, (0, 0)], constant_values=count_padding)
    beyond = [(0, far - after) for (_, far), (_, after) in zip(edges, padding, strict=True)]
    counts = nnx.pool(counted, 0.0, lax.add, window, strides, beyond)
    return nnx.pool(x, 0.0, lax.add, window, strides, edges) / counts


class Same(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.avg_pool(x, (3, 3), padding=((1, 1), (1, 1)))  # (N, 9, 11, 4)
        # (N, 5, 6, 4)
        return counted_avg_pool(
            x, (3, 3), strides=(2, 2), padding=((1, 1), (1, 1)), count_padding=False
        )


# ---- sides ---------------------------------------------------------------------------


class Sides(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 2, 4, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.avg_pool(x, (3, 3), strides=(2, 2), padding=((1, 0), (0, 1)))  # (N, 4, 5, 4)
        # (N, 2, 4, 4)
        return counted_avg_pool(
            x, (3, 4), strides=(2, 1), padding=((1, 0), (0, 2)), count_padding=False
        )


# ---- tensorflow_same -----------------------------------------------------------------


class TensorflowSame(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 1, 1, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.avg_pool(x, (3, 2), strides=(2, 3), padding="SAME")  # (N, 5, 4, 4)
        x = nnx.avg_pool(x, (2, 2), padding="SAME")  # (N, 5, 4, 4)
        # (N, 3, 2, 4)
        x = counted_avg_pool(x, (3, 3), strides=(2, 2), padding="SAME", count_padding=False)
        return nnx.avg_pool(x, (2, 2), strides=(5, 5), padding="SAME")  # (N, 1, 1, 4)


# ---- hanging -------------------------------------------------------------------------


class Hanging(nnx.Module):
    """Maps (N, 10, 13, 2) to (N, 3, 3, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        # (N, 6, 7, 2)
        x = counted_avg_pool(x, (3, 3), strides=(2, 2), padding=((1, 1), (1, 1)), ceil=True)
        # (N, 3, 3, 2)
        return counted_avg_pool(x, (2, 2), strides=(3, 3), padding=((1, 1), (1, 1)), ceil=True)


# ---- dropped -------------------------------------------------------------------------


class Dropped(nnx.Module):
    """Maps (N, 10, 13, 2) to (N, 4, 5, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        # (N, 4, 5, 2)
        return counted_avg_pool(x, (2, 2), strides=(3, 3), padding=((1, 1), (1, 1)), ceil=True)


# ---- hanging_far ---------------------------------------------------------------------


class HangingFar(nnx.Module):
    """Maps (N, 11, 5, 2) to (N, 2, 1, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        # (N, 4, 2, 2)
        x = counted_avg_pool(x, (5, 5), strides=(4, 4), padding=((2, 2), (2, 2)), ceil=True)
        # (N, 2, 1, 2)
        return counted_avg_pool(
            x, (3, 3), strides=(3, 3), padding=((1, 1), (1, 1)), ceil=True, count_padding=False
        )


# ---- hanging_without_padding ---------------------------------------------------------


class HangingWithoutPadding(nnx.Module):
    """Maps (N, 12, 10, 2) to (N, 2, 2, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = counted_avg_pool(x, (3, 3), strides=(2, 2), ceil=True)  # (N, 6, 5, 2)
        return counted_avg_pool(x, (1, 1), strides=(4, 4), ceil=True)  # (N, 2, 2, 2)


# ---- hanging_inside ------------------------------------------------------------------


class HangingInside(nnx.Module):
    """Maps (N, 9, 11, 2) to (N, 4, 4, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        # (N, 4, 4, 2)
        return counted_avg_pool(
            x, (2, 3), strides=(3, 3), padding=((1, 1), (1, 1)), ceil=True, count_padding=False
        )


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 9, 11, 4) to (N, 4, 5, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            partial(nnx.avg_pool, window_shape=(3, 3), padding=((1, 1), (1, 1))),
            partial(
                counted_avg_pool,
                window=(3, 3),
                strides=(1, 1),
                padding=((1, 1), (1, 1)),
                count_padding=False,
            ),
            partial(
                counted_avg_pool, window=(2, 2), strides=(1, 1), padding="SAME", count_padding=False
            ),
            partial(nnx.avg_pool, window_shape=(2, 2), strides=(2, 2)),
        )


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 13, 4) to (N, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.avg_pool(x, (3,), strides=(2,), padding=((1, 1),))  # (N, 7, 4)
        x = nnx.avg_pool(x, (2,), padding="SAME")  # (N, 7, 4)
        return counted_avg_pool(x, (3,), strides=(2,), ceil=True)  # (N, 3, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 7, 8, 9, 3) to (N, 2, 1, 1, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.avg_pool(x, (1, 2, 2), strides=(1, 2, 2))  # (N, 7, 4, 4, 3)
        # (N, 4, 2, 2, 3)
        x = counted_avg_pool(
            x, (3, 3, 3), strides=(2, 2, 2), padding=((1, 1), (1, 1), (1, 1)), count_padding=False
        )
        return counted_avg_pool(x, (2, 2, 2), strides=(2, 2, 2), ceil=True)  # (N, 2, 1, 1, 3)


# ---- volume_padded -------------------------------------------------------------------


class VolumePadded(nnx.Module):
    """Maps (N, 7, 8, 9, 3) to (N, 4, 3, 3, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        # (N, 6, 4, 5, 3)
        x = nnx.avg_pool(x, (3, 3, 3), strides=(1, 2, 2), padding=((1, 0), (0, 1), (1, 1)))
        # (N, 6, 4, 5, 3)
        x = counted_avg_pool(x, (2, 2, 2), strides=(1, 1, 1), padding="SAME", count_padding=False)
        # (N, 4, 3, 3, 3)
        return counted_avg_pool(
            x, (3, 3, 3), strides=(2, 2, 2), padding=((1, 1), (1, 1), (1, 1)), ceil=True
        )
