# Written by `make golden` from gelu.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.b = conv(4, 4, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = nnx.gelu(x, approximate=False)  # (N, 5, 6, 4)
        return nnx.gelu(self.b(x))  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return nnx.gelu(x, approximate=False)  # (N, 6)


# ---- approximate ---------------------------------------------------------------------


class Approximate(nnx.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return nnx.gelu(x)  # (N, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            partial(nnx.gelu, approximate=False), partial(jnp.mean, axis=(1, 2)), nnx.gelu
        )
