# Written by `make golden` from relu6.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.b = conv(4, 4, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = nnx.relu6(x)  # (N, 5, 6, 4)
        return nnx.relu6(self.b(x))  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return nnx.relu6(x)  # (N, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            nnx.relu6,
            conv(4, 3, 1, rngs=rngs),
            nnx.relu6,
            partial(jnp.mean, axis=(1, 2)),
            nnx.relu6,
        )
