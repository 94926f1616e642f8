# Written by `make golden` from softmax.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = nnx.softmax(x)  # (N, 5, 6, 4)
        return nnx.softmax(x.mean(axis=(1, 2)))  # (N, 4)


# ---- sliced --------------------------------------------------------------------------


def slice_softmax(x: Array, slices: int) -> Array:
    """A softmax over parts of the channels, entry by entry."""
    parts = x.reshape(*x.shape[:-1], slices, -1)
    return nnx.softmax(parts, axis=-2).reshape(x.shape)


class Sliced(nnx.Module):
    """Maps (N, 5, 4, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(6, 6, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = slice_softmax(x, 2)  # (N, 5, 4, 6)
        x = slice_softmax(self.conv1(x), 3)  # (N, 5, 4, 6)
        return slice_softmax(x.mean(axis=(1, 2)), 6)  # (N, 6)


# ---- parameter -----------------------------------------------------------------------


class Attention(nnx.Module):
    """The block `attention`."""

    def __init__(self, in_channels: int, radix: int, *, rngs: nnx.Rngs) -> None:
        self.radix = radix
        self.c = conv(in_channels, 4 * radix, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return slice_softmax(self.c(x), self.radix)


class Parameter(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 24)."""

    def __init__(self, radix: int = 2, *, rngs: nnx.Rngs) -> None:
        self.a = Attention(4, radix, rngs=rngs)
        self.b = Attention(4 * radix, 3 * radix, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 8)
        return self.b(x)  # (N, 5, 6, 24)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(nnx.softmax, partial(jnp.mean, axis=(1, 2)), nnx.softmax)


# ---- numbered_slices -----------------------------------------------------------------


class NumberedSlices(nnx.Sequential):
    """Maps (N, 5, 4, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            conv(6, 6, 1, rngs=rngs),
            partial(slice_softmax, slices=2),
            partial(jnp.mean, axis=(1, 2)),
            partial(slice_softmax, slices=6),
        )


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return slice_softmax(nnx.softmax(x), 2)  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return slice_softmax(nnx.softmax(x), 2)  # (N, 3, 2, 3, 4)
