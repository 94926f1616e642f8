# Written by `make golden` from global_max_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def global_max_pool(x: Array, keepdims: bool = False) -> Array:
    """The largest entry of each channel, by one window over all positions.

    The gradient of `jnp.max` looks for the entries that equal the maximum. XLA may compute them
    once more for that, fused with other operations, to another last digit, and then finds none.
    """
    largest = nnx.max_pool(x, x.shape[1:-1])
    return largest if keepdims else largest.reshape(x.shape[0], x.shape[-1])


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return global_max_pool(x)  # (N, 4)


# ---- kept ----------------------------------------------------------------------------


class Kept(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 3, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = global_max_pool(x, keepdims=True)  # (N, 1, 1, 4)
        return self.conv1(x).squeeze((1, 2))  # (N, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(global_max_pool, linear(4, 3, rngs=rngs))


# ---- numbered_kept -------------------------------------------------------------------


class NumberedKept(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 1, 1, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(partial(global_max_pool, keepdims=True), conv(4, 3, 1, rngs=rngs))


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 5, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = global_max_pool(x, keepdims=True)  # (N, 1, 4)
        x = self.conv1(x)  # (N, 1, 5)
        return global_max_pool(x)  # (N, 5)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 3, 5, 2, 4) to (N, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 5, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = global_max_pool(x, keepdims=True)  # (N, 1, 1, 1, 4)
        x = self.conv1(x)  # (N, 1, 1, 1, 5)
        return global_max_pool(x)  # (N, 5)
