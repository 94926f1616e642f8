# Written by `make golden` from subsample.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 5, 2, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = x[:, ::2, ::2]  # (N, 5, 6, 4)
        return x[:, ::1, ::3]  # (N, 5, 2, 4)


# ---- nothing -------------------------------------------------------------------------


class Nothing(nnx.Module):
    """Maps (N, 6) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(6, 3, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.linear1(x)  # (N, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 9, 11, 4) to (N, 2, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(lambda x: x[:, ::2, ::2], lambda x: x[:, ::3, ::1])


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 5, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return x[:, ::2]  # (N, 5, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 5, 6, 7, 4) to (N, 3, 2, 2, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = x[:, ::1, ::2, ::3]  # (N, 5, 3, 3, 4)
        return x[:, ::2, ::2, ::2]  # (N, 3, 2, 2, 4)
