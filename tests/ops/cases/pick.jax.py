# Written by `make golden` from pick.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 4, 5, 6) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(18, 3, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        sequence = x.reshape(x.shape[0], 20, x.shape[-1])  # (N, 20, 6)
        first = sequence[:, 0]  # (N, 6)
        other = sequence[:, 3]  # (N, 6)
        last = sequence[:, -1]  # (N, 6)
        x = jnp.concatenate([first, other, last], axis=-1)  # (N, 18)
        return self.linear1(x)  # (N, 3)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            lambda x: x.reshape(x.shape[0], 20, x.shape[-1]),
            linear(6, 4, rngs=rngs),
            lambda x: x[:, 2],
            linear(4, 3, rngs=rngs),
        )
