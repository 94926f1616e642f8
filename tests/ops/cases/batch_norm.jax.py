# Written by `make golden` from batch_norm.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class BatchNorm(nnx.BatchNorm):
    """Flax's batch norm with the statistics of PyTorch's: in two passes, and with n - 1 under the
    running variance.
    """

    def __init__(
        self, channels: int, momentum: float = 0.9, epsilon: float = 1e-05, *, rngs: nnx.Rngs
    ) -> None:
        super().__init__(channels, momentum=momentum, epsilon=epsilon, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)
            n = x.size // x.shape[-1]
            old, new = self.momentum, 1 - self.momentum
            self.mean[...] = old * self.mean[...] + new * mean
            self.var[...] = old * self.var[...] + new * var * n / (n - 1)
        y = (x - mean) / jnp.sqrt(var + self.epsilon)
        return (y * self.scale[...] + self.bias[...]).astype(x.dtype)


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = BatchNorm(4, rngs=rngs)
        self.b = BatchNorm(4, momentum=0.7, epsilon=0.1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.b(nnx.relu(self.a(x)))  # (N, 5, 6, 4)


# ---- vector --------------------------------------------------------------------------


class BatchNorm(nnx.BatchNorm):
    """Flax's batch norm with the statistics of PyTorch's: in two passes, and with n - 1 under the
    running variance.
    """

    def __init__(
        self, channels: int, momentum: float = 0.9, affine: bool = True, *, rngs: nnx.Rngs
    ) -> None:
        super().__init__(channels, momentum=momentum, use_scale=affine, use_bias=affine, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)
            n = x.size // x.shape[-1]
            old, new = self.momentum, 1 - self.momentum
            self.mean[...] = old * self.mean[...] + new * mean
            self.var[...] = old * self.var[...] + new * var * n / (n - 1)
        y = (x - mean) / jnp.sqrt(var + self.epsilon)
        y = y * self.scale[...] + self.bias[...] if self.use_scale else y
        return y.astype(x.dtype)


class Vector(nnx.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = BatchNorm(6, rngs=rngs)
        self.batch_norm2 = BatchNorm(6, momentum=0.99, affine=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.batch_norm2(nnx.relu(self.a(x)))  # (N, 6)


# ---- population ----------------------------------------------------------------------


class BatchNorm(nnx.BatchNorm):
    """Flax's batch norm with the statistics of PyTorch's: in two passes, and with n - 1 under the
    running variance.
    """

    def __init__(self, channels: int, unbiased: bool = True, *, rngs: nnx.Rngs) -> None:
        super().__init__(channels, momentum=0.9, rngs=rngs)
        self.unbiased = unbiased

    def __call__(self, x: Array) -> Array:
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)
            n = x.size // x.shape[-1]
            old, new = self.momentum, 1 - self.momentum
            self.mean[...] = old * self.mean[...] + new * mean
            self.var[...] = old * self.var[...] + new * var * (n / (n - 1) if self.unbiased else 1)
        y = (x - mean) / jnp.sqrt(var + self.epsilon)
        return (y * self.scale[...] + self.bias[...]).astype(x.dtype)


class Population(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = BatchNorm(4, rngs=rngs)
        self.batch_norm2 = BatchNorm(4, unbiased=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.batch_norm2(nnx.relu(self.a(x)))  # (N, 5, 6, 4)


# ---- all_plain -----------------------------------------------------------------------


class BatchNorm(nnx.BatchNorm):
    """Flax's batch norm with the statistics of PyTorch's: in two passes."""

    def __init__(self, channels: int, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            channels, momentum=0.0, epsilon=0.01, use_scale=False, use_bias=False, rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)
            old, new = self.momentum, 1 - self.momentum
            self.mean[...] = old * self.mean[...] + new * mean
            self.var[...] = old * self.var[...] + new * var
        y = (x - mean) / jnp.sqrt(var + self.epsilon)
        return y.astype(x.dtype)


class AllPlain(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = BatchNorm(4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.a(x)  # (N, 5, 6, 4)


# ---- numbered ------------------------------------------------------------------------


class BatchNorm(nnx.BatchNorm):
    """Flax's batch norm with the statistics of PyTorch's: in two passes, and with n - 1 under the
    running variance.
    """

    def __init__(
        self,
        channels: int,
        epsilon: float = 1e-05,
        affine: bool = True,
        unbiased: bool = True,
        *,
        rngs: nnx.Rngs,
    ) -> None:
        super().__init__(
            channels, momentum=0.9, epsilon=epsilon, use_scale=affine, use_bias=affine, rngs=rngs
        )
        self.unbiased = unbiased

    def __call__(self, x: Array) -> Array:
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)
            n = x.size // x.shape[-1]
            old, new = self.momentum, 1 - self.momentum
            self.mean[...] = old * self.mean[...] + new * mean
            self.var[...] = old * self.var[...] + new * var * (n / (n - 1) if self.unbiased else 1)
        y = (x - mean) / jnp.sqrt(var + self.epsilon)
        y = y * self.scale[...] + self.bias[...] if self.use_scale else y
        return y.astype(x.dtype)


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            BatchNorm(4, rngs=rngs),
            BatchNorm(4, affine=False, rngs=rngs),
            BatchNorm(4, epsilon=0.01, unbiased=False, rngs=rngs),
        )


# ---- numbered_vector -----------------------------------------------------------------


class BatchNorm(nnx.BatchNorm):
    """Flax's batch norm with the statistics of PyTorch's: in two passes."""

    def __init__(self, channels: int, *, rngs: nnx.Rngs) -> None:
        super().__init__(channels, momentum=0.5, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)
            old, new = self.momentum, 1 - self.momentum
            self.mean[...] = old * self.mean[...] + new * mean
            self.var[...] = old * self.var[...] + new * var
        y = (x - mean) / jnp.sqrt(var + self.epsilon)
        return (y * self.scale[...] + self.bias[...]).astype(x.dtype)


class NumberedVector(nnx.Sequential):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(BatchNorm(6, rngs=rngs))


# ---- initial -------------------------------------------------------------------------


class BatchNorm(nnx.BatchNorm):
    """Flax's batch norm with the statistics of PyTorch's: in two passes, and with n - 1 under the
    running variance.
    """

    def __init__(
        self,
        channels: int,
        scale_init: nnx.initializers.Initializer = nnx.initializers.ones,
        bias_init: nnx.initializers.Initializer = nnx.initializers.zeros,
        *,
        rngs: nnx.Rngs,
    ) -> None:
        super().__init__(
            channels, momentum=0.9, scale_init=scale_init, bias_init=bias_init, rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)
            n = x.size // x.shape[-1]
            old, new = self.momentum, 1 - self.momentum
            self.mean[...] = old * self.mean[...] + new * mean
            self.var[...] = old * self.var[...] + new * var * n / (n - 1)
        y = (x - mean) / jnp.sqrt(var + self.epsilon)
        return (y * self.scale[...] + self.bias[...]).astype(x.dtype)


class Initial(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            BatchNorm(4, scale_init=nnx.initializers.zeros, rngs=rngs),
            BatchNorm(
                4,
                scale_init=nnx.initializers.constant(0.2),
                bias_init=nnx.initializers.normal(0.1),
                rngs=rngs,
            ),
        )


# ---- ranks ---------------------------------------------------------------------------


class BatchNorm(nnx.BatchNorm):
    """Flax's batch norm with the statistics of PyTorch's: in two passes, and with n - 1 under the
    running variance.
    """

    def __init__(self, channels: int, *, rngs: nnx.Rngs) -> None:
        super().__init__(channels, momentum=0.9, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)
            n = x.size // x.shape[-1]
            old, new = self.momentum, 1 - self.momentum
            self.mean[...] = old * self.mean[...] + new * mean
            self.var[...] = old * self.var[...] + new * var * n / (n - 1)
        y = (x - mean) / jnp.sqrt(var + self.epsilon)
        return (y * self.scale[...] + self.bias[...]).astype(x.dtype)


class NormRelu2d(nnx.Sequential):
    """A block at two ranks is two classes."""

    def __init__(self, in_channels: int, *, rngs: nnx.Rngs) -> None:
        super().__init__(BatchNorm(in_channels, rngs=rngs), nnx.relu)


class NormReluVector(nnx.Sequential):
    """A block at two ranks is two classes."""

    def __init__(self, in_channels: int, *, rngs: nnx.Rngs) -> None:
        super().__init__(BatchNorm(in_channels, rngs=rngs), nnx.relu)


class Ranks(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = NormRelu2d(4, rngs=rngs)
        self.b = NormReluVector(4, rngs=rngs)
        self.c = NormReluVector(4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 4)
        x = x.mean(axis=(1, 2))  # (N, 4)
        x = self.b(x)  # (N, 4)
        return self.c(x)  # (N, 4)


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 9, 4) to (N, 9, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = BatchNorm(4, rngs=rngs)
        self.batch_norm2 = BatchNorm(4, unbiased=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.batch_norm2(self.a(x))  # (N, 9, 4)


# ---- volume --------------------------------------------------------------------------


class BatchNorm(nnx.BatchNorm):
    """Flax's batch norm with the statistics of PyTorch's: in two passes, and with n - 1 under the
    running variance.
    """

    def __init__(
        self, channels: int, affine: bool = True, unbiased: bool = True, *, rngs: nnx.Rngs
    ) -> None:
        super().__init__(channels, momentum=0.9, use_scale=affine, use_bias=affine, rngs=rngs)
        self.unbiased = unbiased

    def __call__(self, x: Array) -> Array:
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes, mean.dtype), x.var(axes, var.dtype)
            n = x.size // x.shape[-1]
            old, new = self.momentum, 1 - self.momentum
            self.mean[...] = old * self.mean[...] + new * mean
            self.var[...] = old * self.var[...] + new * var * (n / (n - 1) if self.unbiased else 1)
        y = (x - mean) / jnp.sqrt(var + self.epsilon)
        y = y * self.scale[...] + self.bias[...] if self.use_scale else y
        return y.astype(x.dtype)


class Volume(nnx.Module):
    """Maps (N, 3, 2, 3, 4) to (N, 3, 2, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = BatchNorm(4, rngs=rngs)
        self.batch_norm2 = BatchNorm(4, affine=False, unbiased=False, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.batch_norm2(self.a(x))  # (N, 3, 2, 3, 4)
