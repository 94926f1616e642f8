# Written by `make golden` from token.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def with_tokens(tokens: Array, x: Array) -> Array:
    """The same positions before those of every sequence."""
    return jnp.concatenate([jnp.broadcast_to(tokens, (x.shape[0], *tokens.shape)), x], axis=1)


class Labelled(nnx.Module):
    """Maps (N, 12, 6) to (N, 18, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.class_ = nnx.Param(jnp.zeros((1, 6)))
        self.linear1 = linear(6, 5, rngs=rngs)
        self.more = nnx.Param(nnx.initializers.normal(0.5)(rngs.params(), (3, 5), jnp.float32))
        self.token3 = nnx.Param(jnp.full((2, 5), 0.5, jnp.float32))

    def __call__(self, x: Array) -> Array:
        x = with_tokens(self.class_[...], x)  # (N, 13, 6)
        x = self.linear1(x)  # (N, 13, 5)
        x = with_tokens(self.more[...], x)  # (N, 16, 5)
        return with_tokens(self.token3[...], x)  # (N, 18, 5)


# ---- by_parameter --------------------------------------------------------------------


class WithToken(nnx.Module):
    """The block `with_token`."""

    def __init__(self, in_channels: int, count: int, *, rngs: nnx.Rngs) -> None:
        self.prompt = nnx.Param(jnp.zeros((count, in_channels)))
        self.mix = linear(in_channels, in_channels, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = with_tokens(self.prompt[...], x)
        return self.mix(x)


class ByParameter(nnx.Sequential):
    """Maps (N, 4, 6) to (N, 7, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            WithToken(6, 1, rngs=rngs), linear(6, 3, rngs=rngs), WithToken(3, 2, rngs=rngs)
        )


# ---- vit -----------------------------------------------------------------------------


class LayerNorm(nnx.LayerNorm):
    """Flax's layer norm with its variance in two passes: in one, a large mean spoils it."""

    def __init__(self, channels: int, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(channels, epsilon=epsilon, use_fast_variance=False, **options)


def attend(
    query: Array, key: Array, value: Array, heads: int = 1, bias: Array | float = 0.0
) -> Array:
    """Attend from the positions of `query` to those of `key`, each group of channels by itself.
    Flax's own wants values as wide as keys."""
    q, k, v = (t.reshape(t.shape[0], -1, heads, t.shape[-1] // heads) for t in (query, key, value))
    logits = jnp.einsum("nqhd,nkhd->nhqk", q, k) + bias
    shares = nnx.softmax(logits / q.shape[-1] ** 0.5)
    return jnp.einsum("nhqk,nkhd->nqhd", shares, v).reshape(*query.shape[:-1], -1)


class Encoder(nnx.Module):
    """Dosovitskiy et al. 2021, small."""

    def __init__(self, in_channels: int, heads: int, *, rngs: nnx.Rngs) -> None:
        self.heads = heads
        self.ln_1 = LayerNorm(in_channels, epsilon=1e-06, rngs=rngs)
        self.query = linear(in_channels, in_channels, rngs=rngs)
        self.key = linear(in_channels, in_channels, rngs=rngs)
        self.value = linear(in_channels, in_channels, rngs=rngs)
        self.out_proj = linear(in_channels, in_channels, rngs=rngs)
        self.ln_2 = LayerNorm(in_channels, epsilon=1e-06, rngs=rngs)
        self.mlp = nnx.Sequential(
            linear(in_channels, 2 * in_channels, rngs=rngs),
            partial(nnx.gelu, approximate=False),
            linear(2 * in_channels, in_channels, rngs=rngs),
        )

    def __call__(self, x: Array) -> Array:
        y = self.ln_1(x)
        start = y
        query = self.query(start)
        key = self.key(start)
        value = self.value(start)
        y = attend(query, key, value, heads=self.heads)
        y = self.out_proj(y)
        x = y + x
        y = self.ln_2(x)
        y = self.mlp(y)
        return y + x


class Vit(nnx.Module):
    """Maps (N, 8, 6, 3) to (N, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv_proj = conv(3, 8, 2, stride=2, rngs=rngs)
        self.class_token = nnx.Param(jnp.zeros((1, 8)))
        self.pos_embedding = nnx.Param(
            nnx.initializers.normal(0.02)(rngs.params(), (13, 8), jnp.float32)
        )
        layers: list[Callable[..., Array]] = []
        channels = 8
        for _ in range(2):
            layers.append(Encoder(channels, 2, rngs=rngs))
        self.layers = nnx.Sequential(*layers)
        self.ln = LayerNorm(channels, epsilon=1e-06, rngs=rngs)
        self.head = linear(channels, 5, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.conv_proj(x)  # (N, 4, 3, 8)
        x = x.reshape(x.shape[0], -1, x.shape[-1])  # (N, 12, 8)
        x = with_tokens(self.class_token[...], x)  # (N, 13, 8)
        x = x + self.pos_embedding[...]  # (N, 13, 8)
        x = self.layers(x)  # (N, 13, 8)
        x = self.ln(x)  # (N, 13, 8)
        x = x[:, 0]  # (N, 8)
        return self.head(x)  # (N, 5)
