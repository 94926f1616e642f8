# Written by `make golden` from lrn.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def local_response_norm(
    x: Array, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Array:
    """Divide by a power of the mean square over neighbouring channels."""
    squares = jnp.pad(x * x, [(0, 0)] * (x.ndim - 1) + [(size // 2, size // 2)])
    total = sum(squares[..., i : i + x.shape[-1]] for i in range(size))
    return x / (k + alpha / size * total) ** beta


class Labelled(nnx.Module):
    """Maps (N, 4, 3, 9) to (N, 4, 3, 9)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        x = local_response_norm(x)  # (N, 4, 3, 9)
        return local_response_norm(x, size=3, alpha=0.3, beta=0.6, k=1.5)  # (N, 4, 3, 9)


# ---- wide ----------------------------------------------------------------------------


class Wide(nnx.Module):
    """Maps (N, 4, 3, 4) to (N, 4, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return local_response_norm(x, size=7, alpha=0.4)  # (N, 4, 3, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 4, 3, 9) to (N, 4, 3, 9)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            local_response_norm, partial(local_response_norm, size=3, alpha=0.3, beta=0.6, k=1.5)
        )


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 7, 9) to (N, 7, 9)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return local_response_norm(x, size=3, alpha=0.4)  # (N, 7, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 2, 3, 2, 9) to (N, 2, 3, 2, 9)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        return local_response_norm(x, size=3, alpha=0.4)  # (N, 2, 3, 2, 9)
