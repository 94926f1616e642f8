# Written by `make golden` from identity.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 7)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 3, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = x  # (N, 5, 6, 4)
        x = self.conv1(a)  # (N, 5, 6, 3)
        b = x  # (N, 5, 6, 3)
        x = nnx.relu(b)  # (N, 5, 6, 3)
        return jnp.concatenate([a, b], axis=-1)  # (N, 5, 6, 7)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(6, 6, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.linear1(x)  # (N, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(nnx.identity, conv(4, 3, 1, rngs=rngs))
