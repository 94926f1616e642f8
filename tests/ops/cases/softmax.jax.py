# Written by `make golden` from softmax.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.softmax(x)  # (N, 5, 6, 4)
        return nnx.softmax(x.mean(axis=(1, 2)))  # (N, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(nnx.softmax, partial(jnp.mean, axis=(1, 2)), nnx.softmax)
