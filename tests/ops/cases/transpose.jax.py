# Written by `make golden` from transpose.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 7)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(6, 3, 3, padding=1, rngs=rngs)
        self.linear1 = linear(4, 4, rngs=rngs)
        self.linear2 = linear(15, 7, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = jnp.swapaxes(x, 1, 2)  # (N, 5, 4, 6)
        x = self.conv1(x)  # (N, 5, 4, 3)
        x = jnp.swapaxes(x, 3, 2)  # (N, 5, 3, 4)
        x = self.linear1(x)  # (N, 5, 3, 4)
        x = x.reshape(x.shape[0], 15, x.shape[-1])  # (N, 15, 4)
        x = jnp.swapaxes(x, 2, 1)  # (N, 4, 15)
        return self.linear2(x)  # (N, 4, 7)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 4, 5, 6) to (N, 4, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            lambda x: jnp.swapaxes(x, 3, 1),
            conv(4, 3, 3, padding=1, rngs=rngs),
            lambda x: x.reshape(x.shape[0], -1, x.shape[-1]),
            lambda x: jnp.swapaxes(x, 2, 1),
            linear(30, 4, rngs=rngs),
            lambda x: jnp.swapaxes(x, 1, 2),
        )


# ---- mlp_mixer -----------------------------------------------------------------------


class LayerNorm(nnx.LayerNorm):
    """Flax's layer norm with its variance in two passes: in one, a large mean spoils it."""

    def __init__(self, channels: int, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(channels, epsilon=epsilon, use_fast_variance=False, **options)


class Mixer(nnx.Module):
    """Tolstikhin et al. 2021: tokens are mixed, then channels."""

    def __init__(self, in_channels: int, hidden: int, *, rngs: nnx.Rngs) -> None:
        self.norm1 = LayerNorm(in_channels, rngs=rngs)
        self.fc1 = linear(12, hidden, rngs=rngs)
        self.fc2 = linear(hidden, 12, rngs=rngs)
        self.norm2 = LayerNorm(5, rngs=rngs)
        self.fc3 = linear(5, hidden, rngs=rngs)
        self.fc4 = linear(hidden, in_channels, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        y = self.norm1(x)
        y = jnp.swapaxes(y, 2, 1)
        y = nnx.relu(self.fc1(y))
        y = self.fc2(y)
        y = jnp.swapaxes(y, 2, 1)
        x = y + x
        y = self.norm2(x)
        y = nnx.relu(self.fc3(y))
        y = self.fc4(y)
        return y + x


class MlpMixer(nnx.Module):
    """Maps (N, 6, 8, 3) to (N, 12, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.patches = conv(3, 5, 2, stride=2, rngs=rngs)
        self.mixer1 = Mixer(5, 7, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.patches(x)  # (N, 3, 4, 5)
        x = x.reshape(x.shape[0], 12, x.shape[-1])  # (N, 12, 5)
        return self.mixer1(x)  # (N, 12, 5)
