# Written by `make golden` from pad_channels.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def pad_channels(x: Array, channels: int) -> Array:
    """Append zero channels up to a number of channels."""
    return jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, channels - x.shape[-1])])


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 7)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = pad_channels(x, 7)  # (N, 5, 6, 7)
        return pad_channels(x, 7)  # (N, 5, 6, 7)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 9)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return pad_channels(x, 9)  # (N, 9)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(partial(pad_channels, channels=7), conv(7, 3, 1, rngs=rngs))


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 9, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return pad_channels(x, 6)  # (N, 9, 6)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 2, 3, 2, 4) to (N, 2, 3, 2, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return pad_channels(x, 6)  # (N, 2, 3, 2, 6)
