# Written by `make golden` from adaptive_avg_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def adaptive_avg_pool(x: Array, size: tuple[int, int]) -> Array:
    """Means over a grid of windows that cover the image and may overlap."""

    def means(length: int, count: int) -> Array:
        window, position = np.arange(count)[:, None], np.arange(length)
        starts, ends = window * length // count, -(-(window + 1) * length // count)
        inside = (starts <= position) & (position < ends)
        return jnp.asarray(inside / inside.sum(axis=1, keepdims=True), x.dtype)

    rows, columns = means(x.shape[1], size[0]), means(x.shape[2], size[1])
    return jnp.einsum("nhwc,ih,jw->nijc", x, rows, columns, precision="highest")


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
