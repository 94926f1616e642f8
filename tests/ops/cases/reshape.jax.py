# Written by `make golden` from reshape.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def flatten(x: Array) -> Array:
    """One vector for each sample, channel by channel, as the weights that follow expect it."""
    return jnp.moveaxis(x, -1, 1).reshape(x.shape[0], -1)


def reshaped(x: Array, *sizes: int) -> Array:
    """Other sizes, channels first, with the entries in PyTorch's order: channel by channel."""
    return jnp.moveaxis(jnp.moveaxis(x, -1, 1).reshape(x.shape[0], *sizes), 1, -1)


class Labelled(nnx.Module):
    """Maps (N, 4, 5, 6) to (N, 30)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(6, 4, rngs=rngs)
        self.conv1 = conv(8, 3, 3, padding=1, rngs=rngs)
        self.linear2 = linear(3 * 2 * 5 // 5, 6, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = x.reshape(x.shape[0], 20, x.shape[-1])  # (N, 20, 6)
        x = self.linear1(x)  # (N, 20, 4)
        x = reshaped(x, 8, 2, 5)  # (N, 2, 5, 8)
        x = self.conv1(x)  # (N, 2, 5, 3)
        x = reshaped(x, -1, 5)  # (N, 5, 6)
        x = self.linear2(x)  # (N, 5, 6)
        x = reshaped(x, 2, -1, 3)  # (N, 5, 3, 2)
        return flatten(x)  # (N, 30)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 4, 5, 6) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            lambda x: x.reshape(x.shape[0], -1, x.shape[-1]),
            linear(6, 4, rngs=rngs),
            lambda x: x.reshape(x.shape[0], 5, 4, x.shape[-1]),
            conv(4, 2, 3, padding=1, rngs=rngs),
            lambda x: flatten(x),
            linear(40, 4, rngs=rngs),
        )


# ---- channels_kept -------------------------------------------------------------------


class ChannelsKept(nnx.Module):
    """Maps (N, 4, 5, 6) to (N, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv = conv(6, 8, 1, rngs=rngs)
        self.linear = linear(8, 8, rngs=rngs)
        self.linear2 = linear(8 * 2 * 2 * 5, 2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.conv(x)  # (N, 4, 5, 8)
        x = x.reshape(x.shape[0], -1, x.shape[-1])  # (N, 20, 8)
        x = self.linear(x)  # (N, 20, 8)
        x = x.reshape(x.shape[0], 4, 5, x.shape[-1])  # (N, 4, 5, 8)
        x = x.reshape(x.shape[0], 2, 2, 5, x.shape[-1])  # (N, 2, 2, 5, 8)
        x = flatten(x)  # (N, 160)
        return self.linear2(x)  # (N, 2)


# ---- vectors -------------------------------------------------------------------------


class Vectors(nnx.Module):
    """Maps (N, 12) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(3, 2, rngs=rngs)
        self.linear2 = linear(8, 3, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = reshaped(x, 3, 4)  # (N, 4, 3)
        x = self.linear1(x)  # (N, 4, 2)
        x = reshaped(x, 1, 8)  # (N, 8, 1)
        x = flatten(x)  # (N, 8)
        return self.linear2(x)  # (N, 3)


# ---- by_parameter --------------------------------------------------------------------


class Rows(nnx.Module):
    """Of any number of channels: what follows knows how many there are."""

    def __init__(self, channels: int, *, rngs: nnx.Rngs) -> None:
        self.channels = channels
        self.linear = linear(channels, channels, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = reshaped(x, self.channels, -1)
        return self.linear(x)


class Rest(nnx.Module):
    """The block `rest`."""

    def __init__(self, in_channels: int, *, rngs: nnx.Rngs) -> None:
        self.linear = linear(in_channels * 24 // 4, in_channels, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = reshaped(x, -1, 4)
        return self.linear(x)


class ByParameter(nnx.Sequential):
    """Maps (N, 3, 4, 8) to (N, 4, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            Rows(8, rngs=rngs),
            lambda x: x.reshape(x.shape[0], 3, 4, x.shape[-1]),
            Rows(4, rngs=rngs),
            Rest(4, rngs=rngs),
        )
