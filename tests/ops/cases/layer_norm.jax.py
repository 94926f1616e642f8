# Written by `make golden` from layer_norm.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class LayerNorm(nnx.LayerNorm):
    """Flax's layer norm with its variance in two passes: in one, a large mean spoils it."""

    def __init__(self, channels: int, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(channels, epsilon=epsilon, use_fast_variance=False, **options)


class Labelled(nnx.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = LayerNorm(6, rngs=rngs)
        self.conv1 = conv(6, 5, 1, rngs=rngs)
        self.b = LayerNorm(
            5,
            epsilon=0.1,
            scale_init=nnx.initializers.zeros,
            bias_init=nnx.initializers.normal(0.1),
            rngs=rngs,
        )
        self.layer_norm3 = LayerNorm(5, use_scale=False, use_bias=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 4, 5, 6)
        x = self.conv1(x)  # (N, 4, 5, 5)
        x = self.b(x)  # (N, 4, 5, 5)
        return self.layer_norm3(x)  # (N, 4, 5, 5)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 4, 5, 8) to (N, 4, 5, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            LayerNorm(8, rngs=rngs),
            LayerNorm(8, epsilon=1e-06, scale_init=nnx.initializers.constant(0.5), rngs=rngs),
            LayerNorm(8, epsilon=0.01, use_scale=False, use_bias=False, rngs=rngs),
        )


# ---- vectors -------------------------------------------------------------------------


class Vectors(nnx.Module):
    """Maps (N, 8) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = LayerNorm(8, rngs=rngs)
        self.linear1 = linear(8, 6, rngs=rngs)
        self.layer_norm2 = LayerNorm(6, use_scale=False, use_bias=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 8)
        x = self.linear1(x)  # (N, 6)
        return self.layer_norm2(x)  # (N, 6)


# ---- vectors_in_a_row ----------------------------------------------------------------


class VectorsInARow(nnx.Sequential):
    """Maps (N, 8) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            LayerNorm(8, epsilon=1e-06, rngs=rngs), linear(8, 6, rngs=rngs), LayerNorm(6, rngs=rngs)
        )


# ---- other_ranks ---------------------------------------------------------------------


class OtherRanks(nnx.Sequential):
    """Maps (N, 2, 3, 4, 8) to (N, 24, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            LayerNorm(8, rngs=rngs),
            lambda x: x.reshape(x.shape[0], 24, x.shape[-1]),
            LayerNorm(8, rngs=rngs),
        )
