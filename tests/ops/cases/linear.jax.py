# Written by `make golden` from linear.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def linear(in_channels: int, out: int, bias: bool = True, *, rngs: nnx.Rngs) -> nnx.Linear:
    """A linear layer as this network has them: starting as PyTorch's do."""
    bound = in_channels**-0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Linear(
        in_channels, out, use_bias=bias, kernel_init=start, bias_init=start, rngs=rngs
    )


class Labelled(nnx.Module):
    """Maps (N, 7) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = linear(7, 5, rngs=rngs)
        self.b = linear(5, 3, bias=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5)
        return self.b(x)  # (N, 3)


# ---- image ---------------------------------------------------------------------------


class Image(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = linear(4, 5, rngs=rngs)
        self.linear2 = linear(5, 3, bias=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 5)
        return self.linear2(x)  # (N, 5, 6, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 7) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(linear(7, 5, rngs=rngs), linear(5, 3, bias=False, rngs=rngs))


# ---- numbered_image ------------------------------------------------------------------


class NumberedImage(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(linear(4, 5, rngs=rngs), linear(5, 3, bias=False, rngs=rngs))


# ---- initial -------------------------------------------------------------------------


linear_init = nnx.initializers.variance_scaling(1.0, "fan_avg", "uniform")


linear_bias_init = nnx.initializers.normal(0.1)


linear_init_2 = nnx.initializers.zeros


def linear(
    in_channels: int,
    out: int,
    kernel_init: nnx.initializers.Initializer = linear_init_2,
    bias_init: nnx.initializers.Initializer = nnx.initializers.zeros,
    *,
    rngs: nnx.Rngs,
) -> nnx.Linear:
    """A linear layer as this network has them."""
    return nnx.Linear(in_channels, out, kernel_init=kernel_init, bias_init=bias_init, rngs=rngs)


class Initial(nnx.Sequential):
    """Maps (N, 7) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            linear(7, 5, rngs=rngs),
            linear(5, 3, kernel_init=linear_init, bias_init=linear_bias_init, rngs=rngs),
        )


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 9, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = linear(4, 5, rngs=rngs)
        self.linear2 = linear(5, 3, bias=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 9, 5)
        return self.linear2(x)  # (N, 9, 3)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 2, 3, 2, 4) to (N, 2, 3, 2, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = linear(4, 5, rngs=rngs)
        self.linear2 = linear(5, 3, bias=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 2, 3, 2, 5)
        return self.linear2(x)  # (N, 2, 3, 2, 3)
