# Written by `make golden` from drop_path.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = nnx.Dropout(0.3, broadcast_dims=(1, 2, 3), rngs=rngs)
        self.conv1 = conv(4, 3, 1, rngs=rngs)
        self.drop_path2 = nnx.Dropout(0.2, broadcast_dims=(1, 2, 3), rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 4)
        return self.drop_path2(self.conv1(x))  # (N, 5, 6, 3)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = nnx.Dropout(0, broadcast_dims=(1,), rngs=rngs)
        self.linear1 = linear(6, 4, rngs=rngs)
        self.drop_path2 = nnx.Dropout(0.9, broadcast_dims=(1,), rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 6)
        return self.drop_path2(self.linear1(x))  # (N, 4)


# ---- deeper --------------------------------------------------------------------------


class Branch(nnx.Module):
    """The block `branch`."""

    def __init__(self, in_channels: int, drop: float, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(in_channels, 4, 3, padding=1, rngs=rngs)
        self.drop_path1 = nnx.Dropout(drop, broadcast_dims=(1, 2, 3), rngs=rngs)

    def __call__(self, x: Array) -> Array:
        y = self.drop_path1(self.conv1(x))
        return y + x


class Deeper(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, depth: int = 3, drop: float = 0.2, *, rngs: nnx.Rngs) -> None:
        s: list[Callable[..., Array]] = []
        channels = 4
        for index in range(depth):
            s.append(Branch(channels, drop * index / (depth - 1), rngs=rngs))
            channels = 4
        self.s = nnx.Sequential(*s)

    def __call__(self, x: Array) -> Array:
        return self.s(x)  # (N, 5, 6, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            nnx.Dropout(0.2, broadcast_dims=(1, 2, 3), rngs=rngs),
            conv(4, 3, 1, rngs=rngs),
            nnx.Dropout(0.5, broadcast_dims=(1, 2, 3), rngs=rngs),
            partial(jnp.mean, axis=(1, 2)),
            nnx.Dropout(0.1, broadcast_dims=(1,), rngs=rngs),
        )
