# Written by `make golden` from leaky_relu.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def leaky_relu(x: Array, slope: float = 0.01) -> Array:
    """Flax's own has the derivative 1 at zero, where this one has the slope, as PyTorch's."""
    return jnp.where(x > 0, x, slope * x)


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.b = conv(4, 4, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = leaky_relu(x)  # (N, 5, 6, 4)
        return leaky_relu(self.b(x), 0.2)  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return leaky_relu(leaky_relu(x, 0), -0.5)  # (N, 6)


# ---- parameter -----------------------------------------------------------------------


class Leaky(nnx.Module):
    """The block `leaky`."""

    def __init__(self, in_channels: int, slope: float, wide: int = 4, *, rngs: nnx.Rngs) -> None:
        self.slope = slope
        self.c = conv(in_channels, wide, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return leaky_relu(self.c(x), self.slope / 2)


class Parameter(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, slope: float = 0.3, *, rngs: nnx.Rngs) -> None:
        self.a = Leaky(4, slope, rngs=rngs)
        self.b = Leaky(4, 2 * slope, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 4)
        return self.b(x)  # (N, 5, 6, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(partial(leaky_relu, slope=0.3), partial(jnp.mean, axis=(1, 2)), leaky_relu)
