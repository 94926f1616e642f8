# Written by `make golden` from upsample.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def upsample(x: Array, by: tuple[int, ...], method: str = "nearest") -> Array:
    """As many times the positions in every direction."""
    sizes = [n * factor for n, factor in zip(x.shape[1:-1], by, strict=True)]
    return jax.image.resize(x, (x.shape[0], *sizes, x.shape[-1]), method)


class Labelled(nnx.Module):
    """Maps (N, 4, 5, 3) to (N, 48, 60, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(3, 2, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = upsample(x, (2, 2))  # (N, 8, 10, 3)
        x = upsample(x, (1, 3))  # (N, 8, 30, 3)
        x = self.conv1(x)  # (N, 8, 30, 2)
        x = upsample(x, (2, 2), method="bilinear")  # (N, 16, 60, 2)
        return upsample(x, (3, 1), method="bilinear")  # (N, 48, 60, 2)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 4, 5, 3) to (N, 48, 30, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            partial(upsample, by=(3, 3)),
            partial(upsample, by=(2, 2), method="bilinear"),
            conv(3, 2, 1, rngs=rngs),
            partial(upsample, by=(2, 1)),
        )


# ---- like_another --------------------------------------------------------------------


def resized(x: Array, sizes: tuple[int, ...], method: str = "nearest") -> Array:
    """Other numbers of positions. Where they do not divide, JAX's nearest are not PyTorch's."""
    if method == "nearest":
        for axis, size in enumerate(sizes, 1):
            x = jnp.take(x, np.arange(size) * x.shape[axis] // size, axis)
        return x
    return jax.image.resize(x, (x.shape[0], *sizes, x.shape[-1]), method)


class LikeAnother(nnx.Module):
    """Maps (N, 7, 10, 3) to (N, 7, 10, 7)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(3, 4, 3, stride=2, padding=1, rngs=rngs)
        self.conv2 = conv(4, 4, 3, stride=2, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        conv1 = self.conv1(x)  # (N, 4, 5, 4)
        y = self.conv2(conv1)  # (N, 2, 3, 4)
        y = resized(y, conv1.shape[1:-1])  # (N, 4, 5, 4)
        y = y + conv1  # (N, 4, 5, 4)
        y = resized(y, x.shape[1:-1], method="bilinear")  # (N, 7, 10, 4)
        y = jnp.concatenate([y, x], axis=-1)  # (N, 7, 10, 7)
        return resized(y, x.shape[1:-1], method="bilinear")  # (N, 7, 10, 7)


# ---- levels --------------------------------------------------------------------------


class Pyramid(nnx.Module):
    """A pyramid: what comes down is repeated to what it meets."""

    def __init__(self, in_channels: int, *, rngs: nnx.Rngs) -> None:
        self.level = nnx.List([])
        self.level.append(conv(in_channels, 4, 3, padding=1, rngs=rngs))
        self.level.append(conv(4, 4, 3, stride=2, padding=1, rngs=rngs))
        self.level.append(conv(4, 4, 3, stride=2, padding=1, rngs=rngs))
        self.top = conv(4, 4, 1, rngs=rngs)
        self.lateral = nnx.List([])
        for _ in range(2):
            self.lateral.append(conv(4, 4, 1, rngs=rngs))

    def __call__(self, x: Array) -> Array:
        level: list[Array] = []
        x = self.level[0](x)
        level.append(x)
        x = self.level[1](x)
        level.append(x)
        x = self.level[2](x)
        level.append(x)
        x = self.top(x)
        for i in range(2):
            y = resized(x, level[1 - i].shape[1:-1])
            z = self.lateral[i](level[1 - i])
            x = y + z
        return x


class Levels(nnx.Sequential):
    """Maps (N, 9, 6, 3) to (N, 9, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(Pyramid(3, rngs=rngs))


# ---- sequences -----------------------------------------------------------------------


class Sequences(nnx.Module):
    """Maps (N, 10, 3) to (N, 60, 7)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(3, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        y = upsample(x, (2,))  # (N, 20, 3)
        y = self.conv1(y)  # (N, 20, 4)
        y = upsample(y, (3,), method="linear")  # (N, 60, 4)
        b = y  # (N, 60, 4)
        y = resized(x, b.shape[1:-1], method="linear")  # (N, 60, 3)
        return jnp.concatenate([y, b], axis=-1)  # (N, 60, 7)


# ---- volumes -------------------------------------------------------------------------


class Volumes(nnx.Module):
    """Maps (N, 3, 2, 4, 2) to (N, 6, 8, 24, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        a = upsample(x, (2, 2, 2))  # (N, 6, 4, 8, 2)
        x = upsample(a, (1, 2, 3), method="trilinear")  # (N, 6, 8, 24, 2)
        b = x  # (N, 6, 8, 24, 2)
        return resized(a, b.shape[1:-1], method="trilinear")  # (N, 6, 8, 24, 2)


# ---- volumes_in_a_row ----------------------------------------------------------------


class VolumesInARow(nnx.Sequential):
    """Maps (N, 3, 2, 4, 2) to (N, 12, 16, 16, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            partial(upsample, by=(2, 2, 2)),
            partial(upsample, by=(1, 2, 1)),
            partial(upsample, by=(2, 2, 2), method="trilinear"),
        )


# ---- sequences_in_a_row --------------------------------------------------------------


class SequencesInARow(nnx.Sequential):
    """Maps (N, 10, 3) to (N, 60, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(partial(upsample, by=(2,)), partial(upsample, by=(3,), method="linear"))


# ---- by_parameter --------------------------------------------------------------------


class Scaled(nnx.Module):
    """The block `scaled`."""

    def __init__(self, in_channels: int, by: int, *, rngs: nnx.Rngs) -> None:
        self.by = by
        self.conv = conv(in_channels, 3, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.conv(x)
        return upsample(x, (self.by, self.by))


class ByParameter(nnx.Sequential):
    """Maps (N, 4, 5, 3) to (N, 24, 30, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(Scaled(3, 2, rngs=rngs), Scaled(3, 3, rngs=rngs))
