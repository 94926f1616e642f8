# Written by `make golden` from add.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 4)
        b = nnx.relu(a)  # (N, 5, 6, 4)
        y = a + b + x  # (N, 5, 6, 4)
        return y + a  # (N, 5, 6, 4)


# ---- vectors -------------------------------------------------------------------------


class Vectors(nnx.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = linear(6, 6, rngs=rngs)
        self.linear2 = linear(6, 6, bias=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 6)
        y = self.linear2(x)  # (N, 6)
        z = nnx.relu(x)  # (N, 6)
        return y + z  # (N, 6)


# ---- bodies --------------------------------------------------------------------------


class Bodies(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 2, 3, padding=1, rngs=rngs)
        self.conv2 = conv(4, 2, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        y = self.conv1(x)  # (N, 5, 6, 2)
        z = nnx.relu(self.conv2(x))  # (N, 5, 6, 2)
        return y + z  # (N, 5, 6, 2)


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        y = nnx.relu(x)  # (N, 9, 4)
        return y + x  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        y = nnx.relu(x)  # (N, 3, 2, 3, 4)
        return y + x  # (N, 3, 2, 3, 4)
