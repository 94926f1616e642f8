# Written by `make golden` from flatten.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def flatten(x: Array) -> Array:
    """One vector for each sample, channel by channel, as the weights that follow expect it."""
    return jnp.moveaxis(x, -1, 1).reshape(x.shape[0], -1)


class Labelled(nnx.Module):
    """Maps (N, 3, 5, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(4 * 3 * 5, 4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = flatten(x)  # (N, 60)
        return self.linear1(x)  # (N, 4)


# ---- one_position --------------------------------------------------------------------


class OnePosition(nnx.Module):
    """Maps (N, 3, 5, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(4, 4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = x.mean(axis=(1, 2), keepdims=True).squeeze((1, 2))  # (N, 4)
        return self.linear1(x)  # (N, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(6, 4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = flatten(x)  # (N, 6)
        return self.linear1(x)  # (N, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 3, 5, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(flatten, linear(4 * 3 * 5, 4, rngs=rngs))


# ---- numbered_one_position -----------------------------------------------------------


class NumberedOnePosition(nnx.Sequential):
    """Maps (N, 3, 5, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            partial(jnp.mean, axis=(1, 2), keepdims=True),
            partial(jnp.squeeze, axis=(1, 2)),
            linear(4, 4, rngs=rngs),
        )


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 3, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(4 * 3, 4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = flatten(x)  # (N, 12)
        return self.linear1(x)  # (N, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 3, 2, 2, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(4 * 3 * 2 * 2, 4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = flatten(x)  # (N, 48)
        return self.linear1(x)  # (N, 4)


# ---- line ----------------------------------------------------------------------------


class Line(nnx.Sequential):
    """Maps (N, 7, 4) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(conv(4, 3, 7, rngs=rngs), partial(jnp.squeeze, axis=1))
