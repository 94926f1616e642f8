# Written by `make golden` from blur_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def blur_pool(x: Array, kernel: int, stride: int) -> Array:
    """Blur with binomial weights and keep every few positions (Zhang 2019)."""
    frame = ((kernel - 1) // 2, kernel // 2)
    x = jnp.pad(x, [(0, 0), *[frame] * (x.ndim - 2), (0, 0)], mode="reflect")
    for axis in range(1, x.ndim - 1):
        last = x.shape[axis] - kernel + 1
        parts = [lax.slice_in_dim(x, i, i + last, stride, axis) for i in range(kernel)]
        x = sum(math.comb(kernel - 1, i) * part for i, part in enumerate(parts))
        x = x / 2 ** (kernel - 1)
    return x


class Labelled(nnx.Module):
    """Maps (N, 9, 12, 4) to (N, 3, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = blur_pool(x, 3, 2)  # (N, 5, 6, 4)
        x = blur_pool(x, 4, 1)  # (N, 5, 6, 4)
        return blur_pool(x, 5, 2)  # (N, 3, 3, 4)


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 13, 4) to (N, 4, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = blur_pool(x, 7, 2)  # (N, 7, 4)
        return blur_pool(x, 2, 2)  # (N, 4, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 5, 7, 6, 3) to (N, 1, 2, 1, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = blur_pool(x, 3, 2)  # (N, 3, 4, 3, 3)
        return blur_pool(x, 3, 3)  # (N, 1, 2, 1, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 9, 11, 4) to (N, 2, 2, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            conv(4, 6, 3, padding=1, rngs=rngs),
            partial(blur_pool, kernel=3, stride=3),
            partial(blur_pool, kernel=1, stride=2),
        )


# ---- within_blocks -------------------------------------------------------------------


class Narrow(nnx.Module):
    """The block `narrow`."""

    def __init__(self, in_channels: int, width: int, size: int, *, rngs: nnx.Rngs) -> None:
        self.size = size
        self.conv1 = conv(in_channels, width, 3, padding=1, rngs=rngs)
        self.shortcut = nnx.Sequential(
            partial(blur_pool, kernel=size, stride=2), conv(in_channels, width, 1, rngs=rngs)
        )

    def __call__(self, x: Array) -> Array:
        y = self.conv1(x)
        y = blur_pool(y, self.size, 2)
        return y + self.shortcut(x)


class WithinBlocks(nnx.Module):
    """Maps (N, 9, 12, 4) to (N, 3, 3, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = Narrow(4, 6, 3, rngs=rngs)
        self.b = Narrow(6, 5, 2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 6)
        return self.b(x)  # (N, 3, 3, 5)
