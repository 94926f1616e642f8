# Written by `make golden` from attend.res: classes and what they use.


# ---- images --------------------------------------------------------------------------


def attend(
    query: Array, key: Array, value: Array, heads: int = 1, bias: Array | float = 0.0
) -> Array:
    """Attend from the positions of `query` to those of `key`, each group of channels by itself.
    Flax's own wants values as wide as keys."""
    q, k, v = (t.reshape(t.shape[0], -1, heads, t.shape[-1] // heads) for t in (query, key, value))
    logits = jnp.einsum("nqhd,nkhd->nhqk", q, k) + bias
    shares = nnx.softmax(logits / q.shape[-1] ** 0.5)
    return jnp.einsum("nhqk,nkhd->nqhd", shares, v).reshape(*query.shape[:-1], -1)


class SelfAttention(nnx.Module):
    """The block `self_attention`."""

    def __init__(self, in_channels: int, heads: int = 1, *, rngs: nnx.Rngs) -> None:
        self.heads = heads
        self.query = linear(in_channels, in_channels, rngs=rngs)
        self.key = linear(in_channels, in_channels, rngs=rngs)
        self.value = linear(in_channels, 2 * in_channels, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        return attend(query, key, value, heads=self.heads)


class Images(nnx.Sequential):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 24)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(SelfAttention(6, heads=3, rngs=rngs), SelfAttention(12, rngs=rngs))


# ---- sequences -----------------------------------------------------------------------


class Sequences(nnx.Sequential):
    """Maps (N, 4, 5, 6) to (N, 20, 12)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            lambda x: x.reshape(x.shape[0], 20, x.shape[-1]), SelfAttention(6, heads=2, rngs=rngs)
        )


# ---- distances -----------------------------------------------------------------------


class RelativeAttention(nnx.Module):
    """Attention over an image, with learned vectors for how far apart positions are."""

    def __init__(
        self, channels: int, size: tuple[int, int], heads: int = 1, *, rngs: nnx.Rngs
    ) -> None:
        self.heads = heads
        wide = channels // heads
        start = nnx.initializers.normal(wide**-0.5)
        self.rel_height = nnx.Param(start(rngs.params(), (2 * size[0] - 1, wide)))
        self.rel_width = nnx.Param(start(rngs.params(), (2 * size[1] - 1, wide)))

    def __call__(self, query: Array, key: Array, value: Array) -> Array:
        height, width = query.shape[1:3]

        def distances(vectors: Array, size: int) -> Array:
            position = np.arange(size)
            return vectors[position - position[:, None] + size - 1]

        image = query.reshape(*query.shape[:3], self.heads, -1)
        down = distances(self.rel_height[...], height)
        across = distances(self.rel_width[...], width)
        rows = jnp.einsum("nyxhd,ykd->nhyxk", image, down)
        columns = jnp.einsum("nyxhd,xkd->nhyxk", image, across)
        bias = rows[..., None] + columns[..., None, :]
        bias = bias.reshape(-1, self.heads, height * width, height * width)
        return attend(query, key, value, self.heads, bias)


class SelfAttention(nnx.Module):
    """The block `self_attention`."""

    def __init__(self, in_channels: int, heads: int = 1, *, rngs: nnx.Rngs) -> None:
        self.query = linear(in_channels, in_channels, rngs=rngs)
        self.key = linear(in_channels, in_channels, rngs=rngs)
        self.value = linear(in_channels, 2 * in_channels, rngs=rngs)
        self.attend1 = RelativeAttention(in_channels, (4, 3), heads=heads, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        return self.attend1(query, key, value)


class Distances(nnx.Module):
    """Maps (N, 4, 3, 4) to (N, 4, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.self = SelfAttention(4, heads=2, rngs=rngs)
        self.linear1 = linear(8, 4, rngs=rngs)
        self.attention = RelativeAttention(4, (4, 3), rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.self(x)  # (N, 4, 3, 8)
        x = self.linear1(x)  # (N, 4, 3, 4)
        query = x  # (N, 4, 3, 4)
        return self.attention(query, query, query)  # (N, 4, 3, 4)


# ---- across --------------------------------------------------------------------------


class Across(nnx.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.memory = conv(6, 8, 3, stride=2, padding=1, rngs=rngs)
        self.value = conv(8, 4, 1, rngs=rngs)
        self.query = conv(6, 8, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        memory = self.memory(x)  # (N, 2, 3, 8)
        value = self.value(memory)  # (N, 2, 3, 4)
        query = self.query(x)  # (N, 4, 5, 8)
        return attend(query, memory, value, heads=2)  # (N, 4, 5, 4)


# ---- bottlenecks ---------------------------------------------------------------------


class AllToAll(nnx.Module):
    """Srinivas et al. 2021: blocks whose images differ from stage to stage, and within one."""

    def __init__(
        self, in_channels: int, in_size: tuple[int, int], heads: int, *, rngs: nnx.Rngs
    ) -> None:
        self.query = conv(in_channels, in_channels, 1, rngs=rngs)
        self.key = conv(in_channels, in_channels, 1, rngs=rngs)
        self.value = conv(in_channels, in_channels, 1, rngs=rngs)
        self.attend1 = RelativeAttention(in_channels, in_size, heads=heads, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        return self.attend1(query, key, value)


class Bot(nnx.Module):
    """The block `bot`."""

    def __init__(
        self,
        in_channels: int,
        in_size: tuple[int, int],
        width: int,
        stride: int = 1,
        *,
        rngs: nnx.Rngs,
    ) -> None:
        self.stride = stride
        self.conv1 = conv(in_channels, width, 1, bias=True, rngs=rngs)
        self.mhsa = AllToAll(width, in_size, 2, rngs=rngs)
        self.conv3 = conv(width, 2 * width, 1, bias=True, rngs=rngs)
        self.downsample = nnx.Sequential()
        if (stride if stride > 1 else 1) != 1 or in_channels != 2 * width:
            self.downsample = nnx.Sequential(
                conv(in_channels, 2 * width, 1, stride=stride if stride > 1 else 1, rngs=rngs),
                BatchNorm(2 * width, rngs=rngs),
            )

    def __call__(self, x: Array) -> Array:
        y = nnx.relu(self.conv1(x))
        y = self.mhsa(y)
        if self.stride > 1:
            y = nnx.avg_pool(y, (2, 2), strides=(self.stride, self.stride))
        y = self.conv3(y)
        return nnx.relu(y + self.downsample(x))


class Bottlenecks(nnx.Module):
    """Maps (N, 6, 4, 4) to (N, 3, 2, 12)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.layer1 = nnx.Sequential(
            Bot(4, (6, 4), 4, stride=2, rngs=rngs),
            *(Bot(8, (3, 2), 4, rngs=rngs) for _ in range(2)),
        )
        self.last = Bot(8, (3, 2), 6, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.layer1(x)  # (N, 3, 2, 8)
        return self.last(x)  # (N, 3, 2, 12)
