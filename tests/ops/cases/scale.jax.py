# Written by `make golden` from scale.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.gamma = nnx.Param(jnp.full(4, 1e-06, jnp.float32))
        self.conv1 = conv(4, 3, 1, rngs=rngs)
        self.alpha = nnx.Param(jnp.zeros(1))
        self.factor = nnx.Param(jnp.ones((5, 6, 3)))

    def __call__(self, x: Array) -> Array:
        x = x * self.gamma[...]  # (N, 5, 6, 4)
        x = self.conv1(x)  # (N, 5, 6, 3)
        x = x * self.alpha[...]  # (N, 5, 6, 3)
        x = nnx.relu(x * self.factor[...])  # (N, 5, 6, 3)
        return x * 0.5  # (N, 5, 6, 3)


# ---- vector --------------------------------------------------------------------------


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.gamma = nnx.Param(jnp.ones(6))
        self.linear1 = linear(6, 4, rngs=rngs)
        self.alpha = nnx.Param(jnp.full(1, -1.0, jnp.float32))
        self.factor = nnx.Param(jnp.full(4, 2.0, jnp.float32))

    def __call__(self, x: Array) -> Array:
        x = x * self.gamma[...]  # (N, 6)
        x = self.linear1(x)  # (N, 4)
        x = x * self.alpha[...]  # (N, 4)
        x = x * self.factor[...]  # (N, 4)
        return x * -1  # (N, 4)


# ---- unlabelled ----------------------------------------------------------------------


class Unlabelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.scale1 = nnx.Param(jnp.ones(4))
        self.conv1 = conv(4, 3, 1, rngs=rngs)
        self.scale3 = nnx.Param(jnp.zeros(3))

    def __call__(self, x: Array) -> Array:
        x = x * self.scale1[...]  # (N, 5, 6, 4)
        x = self.conv1(x)  # (N, 5, 6, 3)
        x = x * 1.0  # (N, 5, 6, 3)
        return x * self.scale3[...]  # (N, 5, 6, 3)


# ---- parameter -----------------------------------------------------------------------


class Branch(nnx.Module):
    """The block `branch`."""

    def __init__(self, in_channels: int, width: int, start: float = 0.1, *, rngs: nnx.Rngs) -> None:
        self.width = width
        self.conv1 = conv(in_channels, width, 3, padding=1, rngs=rngs)
        self.gamma = nnx.Param(jnp.full(width, start, jnp.float32))
        self.scale2 = nnx.List([])
        for _ in range(2):
            self.scale2.append(nnx.Param(jnp.full(width, start**2, jnp.float32)))
        self.y = nnx.List([])
        self.y.append(nnx.Param(jnp.ones(width)))
        self.y.append(nnx.Param(jnp.full(1, start, jnp.float32)))
        setattr(self, f"gain-{width}", nnx.Param(jnp.full(width, 2 * start, jnp.float32)))

    def __call__(self, x: Array) -> Array:
        y = self.conv1(x)
        y = y * self.gamma[...]
        for i in range(2):
            y = nnx.relu(y * self.scale2[i][...])
        y = y * self.y[0][...]
        y = y * self.y[1][...]
        y = y * getattr(self, f"gain-{self.width}")[...]
        return y + x


class Parameter(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, start: float = 0.3, *, rngs: nnx.Rngs) -> None:
        self.a = Branch(4, 4, start=start, rngs=rngs)
        self.b = Branch(4, 4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 4)
        return self.b(x)  # (N, 5, 6, 4)


# ---- nested --------------------------------------------------------------------------


class Nested(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, n: int = 2, *, rngs: nnx.Rngs) -> None:
        self.n = n
        self.scale1 = nnx.List([])
        for i in range(n):
            self.scale1.append(nnx.List([]))
            for j in range(3):
                self.scale1[-1].append(nnx.Param(jnp.full(4, i + j + 1, jnp.float32)))
        for i in range(n):
            if i > 0:
                setattr(self, f"z{i}", nnx.Param(jnp.ones(4)))

    def __call__(self, x: Array) -> Array:
        for i in range(self.n):
            for j in range(3):
                x = x * self.scale1[i][j][...]  # (N, 5, 6, 4)
        for i in range(self.n):
            x = x * getattr(self, f"z{i}")[...] if i > 0 else nnx.relu(x)  # (N, 5, 6, 4)
        return x


# ---- shortcuts -----------------------------------------------------------------------


class Shortcut(nnx.Module):
    """The group `shortcut` of `shortcuts`."""

    def __init__(self, in_channels: int, *, rngs: nnx.Rngs) -> None:
        self.scale1 = nnx.Param(jnp.full(1, 2.0, jnp.float32))

    def __call__(self, x: Array) -> Array:
        return x * self.scale1[...]


class Shortcuts(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.conv1 = conv(4, 4, 3, padding=1, rngs=rngs)
        self.gain = nnx.Param(jnp.full(4, 0.5, jnp.float32))
        self.conv2 = conv(4, 4, 3, padding=1, rngs=rngs)
        self.shortcut = Shortcut(4, rngs=rngs)
        self.conv3 = conv(4, 4, 3, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        y = self.conv1(x)  # (N, 5, 6, 4)
        x = y + (x * self.gain[...])  # (N, 5, 6, 4)
        y = self.conv2(x)  # (N, 5, 6, 4)
        x = y + self.shortcut(x)  # (N, 5, 6, 4)
        y = self.conv3(x)  # (N, 5, 6, 4)
        return y + (x * 0.5)  # (N, 5, 6, 4)


# ---- initial -------------------------------------------------------------------------


def shifted(init: nnx.initializers.Initializer, mean: float) -> nnx.initializers.Initializer:
    """An initializer around a mean; Flax's normal ones are around zero."""
    return lambda key, shape, dtype: init(key, shape, dtype) + mean


class Initial(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = nnx.Param(nnx.initializers.normal(0.02)(rngs.params(), (4,), jnp.float32))
        self.b = nnx.Param(
            partial(jax.random.uniform, minval=0.5, maxval=1.5)(
                rngs.params(), (5, 6, 4), jnp.float32
            )
        )
        self.c = nnx.Param(jnp.ones(1))
        self.d = nnx.Param(
            shifted(nnx.initializers.normal(0.1), 1.0)(rngs.params(), (4,), jnp.float32)
        )

    def __call__(self, x: Array) -> Array:
        x = x * self.a[...]  # (N, 5, 6, 4)
        x = x * self.b[...]  # (N, 5, 6, 4)
        x = x * self.c[...]  # (N, 5, 6, 4)
        return x * self.d[...]  # (N, 5, 6, 4)


# ---- handed --------------------------------------------------------------------------


class Chain(nnx.Sequential):
    """The block `chain`."""

    def __init__(self, in_channels: int, *, rngs: nnx.Rngs) -> None:
        super().__init__(linear(in_channels, 4, rngs=rngs), lambda x: x * 0.5)


class B(nnx.Module):
    """The group `b` of `handed`."""

    def __init__(self, in_channels: int, *, rngs: nnx.Rngs) -> None:
        self.linear1 = linear(in_channels, 3, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = x * -0.5
        return self.linear1(x)


class Handed(nnx.Module):
    """Maps (N, 6) to (N, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = Chain(6, rngs=rngs)
        self.b = B(4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 4)
        return self.b(x)  # (N, 3)


# ---- given_constants -----------------------------------------------------------------


class Constants(nnx.Module):
    """The block `constants`."""

    def __init__(self, in_channels: int, value: float, *, rngs: nnx.Rngs) -> None:
        self.value = value
        self.linear1 = linear(in_channels, 4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = x * self.value
        return self.linear1(x)


class GivenConstants(nnx.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = Constants(6, 2, rngs=rngs)
        self.b = Constants(4, 0.3333333333333333, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 4)
        return self.b(x)  # (N, 4)
