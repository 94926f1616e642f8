# Written by `make golden` from split.res: classes and what they use.


# ---- halves --------------------------------------------------------------------------


class Halves(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(2, 2, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x0, x1 = jnp.split(x, 2, axis=-1)
        x = self.conv1(x1)  # (N, 5, 6, 2)
        return x + x0  # (N, 5, 6, 2)


# ---- sizes ---------------------------------------------------------------------------


class Sizes(nnx.Module):
    """Maps (N, 5, 6, 7) to (N, 5, 6, 7)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        part0, part1, part2 = jnp.split(x, [2, 6], axis=-1)
        return jnp.concatenate([part2, part0, part1], axis=-1)  # (N, 5, 6, 7)


# ---- many ----------------------------------------------------------------------------


class Many(nnx.Module):
    """Maps (N, 5, 6, 6) to (N, 5, 6, 8)."""

    def __init__(self, count: int = 6, *, rngs: nnx.Rngs) -> None:
        self.count = count
        self.y = nnx.List([])
        for _ in range(count):
            self.y.append(conv(6 // count, 2, 1, rngs=rngs))

    def __call__(self, x: Array) -> Array:
        parts = jnp.split(x, self.count, axis=-1)
        ys: list[Array] = []
        for i in range(self.count):
            ys.append(self.y[i](parts[i]))
        total = sum(ys[1:], ys[0])  # (N, 5, 6, 2)
        return jnp.concatenate([total, *parts], axis=-1)  # (N, 5, 6, 8)


# ---- given ---------------------------------------------------------------------------


class Given(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 2)."""

    def __init__(self, sizes: Sequence[int] = (1, 3), *, rngs: nnx.Rngs) -> None:
        self.sizes = sizes
        self.y = nnx.List([])
        for index in range(len(sizes)):
            self.y.append(conv(sizes[len(sizes) - 1 - index], 2, 1, rngs=rngs))

    def __call__(self, x: Array) -> Array:
        parts = jnp.split(x, [sum(self.sizes[:i]) for i in range(1, len(self.sizes))], axis=-1)
        ys: list[Array] = []
        for index in range(len(self.sizes)):
            ys.append(self.y[index](parts[len(self.sizes) - 1 - index]))
        return math.prod(ys[1:], start=ys[0])  # (N, 5, 6, 2)


# ---- whole ---------------------------------------------------------------------------


class Whole(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        one = jnp.split(x, 1, axis=-1)
        return jnp.concatenate([*one, x], axis=-1)  # (N, 5, 6, 8)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        part0, _, part2 = jnp.split(x, 3, axis=-1)
        return part2 - part0  # (N, 2)


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 9, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        part0, part1 = jnp.split(x, 2, axis=-1)
        return part0 + part1  # (N, 9, 2)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 2, 3, 2, 4) to (N, 2, 3, 2, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__()

    def __call__(self, x: Array) -> Array:
        _, part1 = jnp.split(x, [1], axis=-1)
        return part1
