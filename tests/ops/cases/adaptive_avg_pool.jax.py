# Written by `make golden` from adaptive_avg_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def adaptive_avg_pool(x: Array, size: tuple[int, ...]) -> Array:
    """Means over a grid of windows that cover the positions and may overlap."""

    def means(length: int, count: int) -> Array:
        window, position = np.arange(count)[:, None], np.arange(length)
        starts, ends = window * length // count, -(-(window + 1) * length // count)
        inside = (starts <= position) & (position < ends)
        return jnp.asarray(inside / inside.sum(axis=1, keepdims=True), x.dtype)

    for axis, count in enumerate(size, start=1):
        pooled = jnp.tensordot(x, means(x.shape[axis], count), (axis, 1), precision="highest")
        x = jnp.moveaxis(pooled, -1, axis)
    return x


class Labelled(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 6, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = adaptive_avg_pool(x, (3, 4))  # (N, 3, 4, 4)
        return adaptive_avg_pool(x, (6, 6))  # (N, 6, 6, 4)


# ---- even ----------------------------------------------------------------------------


class Even(nnx.Module):
    """Maps (N, 6, 9, 4) to (N, 1, 1, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = adaptive_avg_pool(x, (2, 3))  # (N, 2, 3, 4)
        return adaptive_avg_pool(x, (1, 1))  # (N, 1, 1, 4)


# ---- the_same_size -------------------------------------------------------------------


class TheSameSize(nnx.Module):
    """Maps (N, 6, 9, 4) to (N, 7, 2, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = adaptive_avg_pool(x, (6, 9))  # (N, 6, 9, 4)
        return adaptive_avg_pool(x, (7, 2))  # (N, 7, 2, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 9, 11, 4) to (N, 3, 1, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            partial(adaptive_avg_pool, size=(7, 7)), partial(adaptive_avg_pool, size=(3, 1))
        )


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 13, 4) to (N, 1, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = adaptive_avg_pool(x, (5,))  # (N, 5, 4)
        return adaptive_avg_pool(x, (1,))  # (N, 1, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 5, 7, 6, 3) to (N, 1, 3, 2, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = adaptive_avg_pool(x, (2, 3, 4))  # (N, 2, 3, 4, 3)
        return adaptive_avg_pool(x, (1, 3, 2))  # (N, 1, 3, 2, 3)
