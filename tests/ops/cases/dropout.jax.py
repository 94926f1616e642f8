# Written by `make golden` from dropout.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = nnx.Dropout(0.3, rngs=rngs)
        self.conv1 = conv(4, 3, 1, rngs=rngs)
        self.dropout2 = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 4)
        return self.dropout2(self.conv1(x))  # (N, 5, 6, 3)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = nnx.Dropout(0, rngs=rngs)
        self.linear1 = linear(6, 4, rngs=rngs)
        self.dropout2 = nnx.Dropout(0.9, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 6)
        return self.dropout2(self.linear1(x))  # (N, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            nnx.Dropout(0.2, rngs=rngs), conv(4, 3, 1, rngs=rngs), nnx.Dropout(0.5, rngs=rngs)
        )


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = nnx.Dropout(0.3, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.a(x)  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = nnx.Dropout(0.3, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.a(x)  # (N, 3, 2, 3, 4)
