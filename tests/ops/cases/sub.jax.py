# Written by `make golden` from sub.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 4)
        b = nnx.relu(a)  # (N, 5, 6, 4)
        y = b - a  # (N, 5, 6, 4)
        return y - x  # (N, 5, 6, 4)


# ---- bodies --------------------------------------------------------------------------


class Bodies(nnx.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(6, 4, rngs=rngs)
        self.linear2 = linear(6, 4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        y = self.linear1(x)  # (N, 4)
        z = nnx.relu(self.linear2(x))  # (N, 4)
        return y - z  # (N, 4)
