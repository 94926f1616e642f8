# Written by `make golden` from concat.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 9)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 2, 3, padding=1, rngs=rngs)
        self.b = conv(2, 3, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 2)
        b = self.b(a)  # (N, 5, 6, 3)
        return jnp.concatenate([a, x, b], axis=-1)  # (N, 5, 6, 9)


# ---- vectors -------------------------------------------------------------------------


class Vectors(nnx.Module):
    """Maps (N, 6) to (N, 9)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = linear(6, 3, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        y = self.a(x)  # (N, 3)
        return jnp.concatenate([y, x], axis=-1)  # (N, 9)


# ---- bodies --------------------------------------------------------------------------


class Bodies(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 2, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        z = nnx.relu(self.conv1(x))  # (N, 5, 6, 2)
        return jnp.concatenate([x, z], axis=-1)  # (N, 5, 6, 6)


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 9, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        y = nnx.relu(x)  # (N, 9, 4)
        return jnp.concatenate([y, x], axis=-1)  # (N, 9, 8)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        y = nnx.relu(x)  # (N, 3, 2, 3, 4)
        return jnp.concatenate([y, x], axis=-1)  # (N, 3, 2, 3, 8)
