# Written by `make golden` from mul.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 4)
        b = nnx.relu(a)  # (N, 5, 6, 4)
        y = a * b  # (N, 5, 6, 4)
        return y * x  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 4)
        b = a.mean(axis=(1, 2))  # (N, 4)
        return a * b[:, None, None]  # (N, 5, 6, 4)


# ---- vector_first --------------------------------------------------------------------


class VectorFirst(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 4)
        b = a.mean(axis=(1, 2))  # (N, 4)
        return b[:, None, None] * a  # (N, 5, 6, 4)


# ---- vectors -------------------------------------------------------------------------


class Vectors(nnx.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = linear(6, 6, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 6)
        y = nnx.relu(x)  # (N, 6)
        return x * y  # (N, 6)


# ---- one_position --------------------------------------------------------------------


class OnePosition(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 4)
        b = a.mean(axis=(1, 2), keepdims=True)  # (N, 1, 1, 4)
        return b * a  # (N, 5, 6, 4)


# ---- rows ----------------------------------------------------------------------------


class Rows(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 4)
        b = nnx.avg_pool(a, (5, 1), strides=(5, 1))  # (N, 1, 6, 4)
        return b * a  # (N, 5, 6, 4)


# ---- several -------------------------------------------------------------------------


class Several(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 4)
        rows = nnx.avg_pool(a, (5, 1), strides=(5, 1))  # (N, 1, 6, 4)
        columns = nnx.avg_pool(a, (1, 6), strides=(1, 6))  # (N, 5, 1, 4)
        vector = columns.mean(axis=(1, 2))  # (N, 4)
        return rows * vector[:, None, None] * vector[:, None, None] * columns  # (N, 5, 6, 4)


# ---- sums ----------------------------------------------------------------------------


class Sums(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        a = self.a(x)  # (N, 5, 6, 4)
        s = a + x  # (N, 5, 6, 4)
        v = s.mean(axis=(1, 2))  # (N, 4)
        return s * v[:, None, None] * a  # (N, 5, 6, 4)


# ---- length --------------------------------------------------------------------------


def global_max_pool(x: Array, keepdims: bool = False) -> Array:
    """The largest entry of each channel, by one window over all positions.

    The gradient of `jnp.max` looks for the entries that equal the maximum. XLA may compute them
    once more for that, fused with other operations, to another last digit, and then finds none.
    """
    largest = nnx.max_pool(x, x.shape[1:-1])
    return largest if keepdims else largest.reshape(x.shape[0], x.shape[-1])


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        y = x.mean(axis=1)  # (N, 4)
        y = y[:, None] * x  # (N, 9, 4)
        z = global_max_pool(y, keepdims=True)  # (N, 1, 4)
        return y * z  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        y = x.mean(axis=(1, 2, 3))  # (N, 4)
        y = y[:, None, None, None] * x  # (N, 3, 2, 3, 4)
        z = global_max_pool(y, keepdims=True)  # (N, 1, 1, 1, 4)
        return y * z  # (N, 3, 2, 3, 4)
