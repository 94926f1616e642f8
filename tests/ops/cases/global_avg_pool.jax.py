# Written by `make golden` from global_avg_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return x.mean(axis=(1, 2))  # (N, 4)


# ---- kept ----------------------------------------------------------------------------


class Kept(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 3, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = x.mean(axis=(1, 2), keepdims=True)  # (N, 1, 1, 4)
        return self.conv1(x).squeeze((1, 2))  # (N, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(partial(jnp.mean, axis=(1, 2)), linear(4, 3, rngs=rngs))


# ---- numbered_kept -------------------------------------------------------------------


class NumberedKept(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 1, 1, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(partial(jnp.mean, axis=(1, 2), keepdims=True), conv(4, 3, 1, rngs=rngs))


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 5, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = x.mean(axis=1, keepdims=True)  # (N, 1, 4)
        x = self.conv1(x)  # (N, 1, 5)
        return x.mean(axis=1)  # (N, 5)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 3, 5, 2, 4) to (N, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 5, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = x.mean(axis=(1, 2, 3), keepdims=True)  # (N, 1, 1, 1, 4)
        x = self.conv1(x)  # (N, 1, 1, 1, 5)
        return x.mean(axis=(1, 2, 3))  # (N, 5)
