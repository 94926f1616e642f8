# Written by `make golden` from pad.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 10, 11, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 3, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))  # (N, 7, 8, 4)
        x = jnp.pad(x, ((0, 0), (1, 2), (0, 3), (0, 0)), constant_values=2.5)  # (N, 10, 11, 4)
        return self.conv1(x)  # (N, 10, 11, 3)


# ---- nothing -------------------------------------------------------------------------


class Nothing(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 3, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = jnp.pad(x, ((0, 0), (0, 0), (0, 0), (0, 0)))  # (N, 5, 6, 4)
        return self.conv1(x)  # (N, 5, 6, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 12, 13, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            partial(jnp.pad, pad_width=((0, 0), (2, 2), (2, 2), (0, 0))),
            conv(4, 3, 1, rngs=rngs),
            partial(jnp.pad, pad_width=((0, 0), (1, 2), (0, 3), (0, 0)), constant_values=-1.5),
        )


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 14, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = jnp.pad(x, ((0, 0), (1, 2), (0, 0)))  # (N, 12, 4)
        return jnp.pad(x, ((0, 0), (1, 1), (0, 0)), constant_values=0.5)  # (N, 14, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 2, 3, 2, 3) to (N, 5, 8, 7, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        # (N, 3, 6, 5, 3)
        x = jnp.pad(x, ((0, 0), (1, 0), (2, 1), (0, 3), (0, 0)), constant_values=2)
        return jnp.pad(x, ((0, 0), (1, 1), (1, 1), (1, 1), (0, 0)))  # (N, 5, 8, 7, 3)
