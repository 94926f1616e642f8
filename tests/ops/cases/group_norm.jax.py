# Written by `make golden` from group_norm.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class GroupNorm(nnx.GroupNorm):
    """Flax's group norm with its variance in two passes: in one, a large mean spoils it."""

    def __init__(self, channels: int, groups: int, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(channels, groups, epsilon=epsilon, use_fast_variance=False, **options)


class Labelled(nnx.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = GroupNorm(6, 3, rngs=rngs)
        self.conv1 = conv(6, 6, 1, rngs=rngs)
        self.b = GroupNorm(
            6,
            1,
            epsilon=0.1,
            scale_init=nnx.initializers.zeros,
            bias_init=nnx.initializers.normal(0.1),
            rngs=rngs,
        )
        self.group_norm3 = GroupNorm(6, 2, use_scale=False, use_bias=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 4, 5, 6)
        x = self.conv1(x)  # (N, 4, 5, 6)
        x = self.b(x)  # (N, 4, 5, 6)
        return self.group_norm3(x)  # (N, 4, 5, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 4, 5, 8) to (N, 4, 5, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            GroupNorm(8, 4, rngs=rngs),
            GroupNorm(8, 2, epsilon=0.001, scale_init=nnx.initializers.constant(0.5), rngs=rngs),
            GroupNorm(8, 8, epsilon=0.01, use_scale=False, use_bias=False, rngs=rngs),
        )


# ---- vectors -------------------------------------------------------------------------


class Vectors(nnx.Sequential):
    """Maps (N, 8) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            GroupNorm(8, 2, rngs=rngs),
            linear(8, 6, rngs=rngs),
            GroupNorm(6, 3, use_scale=False, use_bias=False, rngs=rngs),
        )


# ---- other_ranks ---------------------------------------------------------------------


class OtherRanks(nnx.Sequential):
    """Maps (N, 2, 3, 4, 8) to (N, 24, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            GroupNorm(8, 2, rngs=rngs),
            lambda x: x.reshape(x.shape[0], 24, x.shape[-1]),
            GroupNorm(8, 4, rngs=rngs),
        )
