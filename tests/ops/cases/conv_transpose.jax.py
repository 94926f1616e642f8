# Written by `make golden` from conv_transpose.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def conv_transpose(
    in_channels: int,
    out: int,
    kernel: tuple[int, int],
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] = 0,
    bias: bool = True,
    *,
    rngs: nnx.Rngs,
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: starting as PyTorch's do."""
    bound = (out * math.prod(kernel)) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.ConvTranspose(
        in_channels,
        out,
        kernel,
        strides=stride,
        padding=padding,
        transpose_kernel=True,
        use_bias=bias,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Labelled(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 12, 26, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 6, (2, 2), stride=2, padding=1, rngs=rngs)
        self.b = conv_transpose(
            6, 3, (3, 4), stride=(1, 2), padding=((2, 2), (3, 3)), bias=False, rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 10, 12, 6)
        return self.b(x)  # (N, 12, 26, 3)


# ---- padded --------------------------------------------------------------------------


def conv_transpose(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] = 0,
    *,
    rngs: nnx.Rngs,
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: square, starting as PyTorch's do."""
    bound = (out * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.ConvTranspose(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        transpose_kernel=True,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Padded(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 41, 22, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 3, 4, stride=2, padding=2, rngs=rngs)
        self.conv_transpose2 = conv_transpose(
            3, 4, 3, stride=2, padding=((1, 2), (1, 2)), rngs=rngs
        )
        self.conv_transpose3 = conv_transpose(
            4, 2, 3, stride=(2, 1), padding=((2, 2), (0, 0)), rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 10, 12, 3)
        x = self.conv_transpose2(x)  # (N, 20, 24, 4)
        return self.conv_transpose3(x)  # (N, 41, 22, 2)


# ---- wide_strides --------------------------------------------------------------------


def conv_transpose(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] = 0,
    *,
    rngs: nnx.Rngs,
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: square, starting as PyTorch's do."""
    bound = (out * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.ConvTranspose(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        transpose_kernel=True,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class WideStrides(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 28, 34, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 3, 2, stride=3, padding=1, rngs=rngs)
        self.conv_transpose2 = conv_transpose(
            3, 3, 1, stride=2, padding=((0, 1), (0, 1)), rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 14, 17, 3)
        return self.conv_transpose2(x)  # (N, 28, 34, 3)


# ---- dilated -------------------------------------------------------------------------


def conv_transpose(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] = 0,
    dilation: int | tuple[int, int] = 1,
    *,
    rngs: nnx.Rngs,
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: square, starting as PyTorch's do."""
    bound = (out * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.ConvTranspose(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        transpose_kernel=True,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Dilated(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 17, 16, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 6, 3, padding=3, dilation=2, rngs=rngs)
        self.conv_transpose2 = conv_transpose(
            6, 4, 2, stride=2, padding=((3, 4), (1, 1)), dilation=(3, 1), rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 7, 8, 6)
        return self.conv_transpose2(x)  # (N, 17, 16, 4)


# ---- groups --------------------------------------------------------------------------


class GroupedConvTranspose(nnx.ConvTranspose):
    """A transposed convolution in groups of channels, each by itself: Flax's has no groups."""

    def __init__(
        self,
        in_channels: int,
        out: int,
        kernel: tuple[int, ...],
        *,
        groups: int,
        kernel_init: nnx.initializers.Initializer,
        rngs: nnx.Rngs,
        **options: Any,
    ) -> None:
        super().__init__(in_channels, out, kernel, transpose_kernel=True, rngs=rngs, **options)
        shape = (*kernel, out // groups, in_channels)
        self.kernel = nnx.Param(kernel_init(rngs.params(), shape, self.param_dtype))
        self.groups = groups

    def __call__(self, x: Array) -> Array:
        rank = len(self.kernel_size)
        windows = (self.strides or 1, self.padding, self.kernel_dilation or 1)
        strides, padding, dilation = (v if isinstance(v, tuple) else (v,) * rank for v in windows)
        pads = [(p, p) if isinstance(p, int) else p for p in padding]
        bias = None if self.bias is None else self.bias[...]
        values = (x, self.kernel[...], bias)
        x, kernel, bias = self.promote_dtype(values, dtype=self.dtype)
        inputs, kernels = (jnp.split(v, self.groups, axis=-1) for v in (x, kernel))
        parts = [
            lax.conv_transpose(part, own, strides, pads, dilation, transpose_kernel=True)
            for part, own in zip(inputs, kernels, strict=True)
        ]
        y = jnp.concatenate(parts, axis=-1)
        return y if bias is None else y + bias


def conv_transpose(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
    *,
    rngs: nnx.Rngs,
) -> GroupedConvTranspose:
    """A transposed convolution as this network has them: square, starting as PyTorch's do."""
    bound = (out // groups * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return GroupedConvTranspose(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        groups=groups,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Groups(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 19, 23, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 6, 3, stride=2, padding=1, groups=2, rngs=rngs)
        self.conv_transpose2 = conv_transpose(
            6, 6, 2, stride=2, padding=2, dilation=2, groups=6, rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 9, 11, 6)
        return self.conv_transpose2(x)  # (N, 19, 23, 6)


# ---- length --------------------------------------------------------------------------


def conv_transpose(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
    *,
    rngs: nnx.Rngs,
) -> GroupedConvTranspose:
    """A transposed convolution as this network has them: starting as PyTorch's do."""
    bound = (out // groups * kernel) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return GroupedConvTranspose(
        in_channels,
        out,
        (kernel,),
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        groups=groups,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Length(nnx.Module):
    """Maps (N, 7, 4) to (N, 18, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 6, 4, stride=2, padding=2, rngs=rngs)
        self.conv_transpose2 = conv_transpose(6, 4, 3, padding=4, dilation=2, groups=2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 14, 6)
        return self.conv_transpose2(x)  # (N, 18, 4)


# ---- length_plain --------------------------------------------------------------------


def conv_transpose(
    in_channels: int, out: int, kernel: int, stride: int = 1, padding: int = 0, *, rngs: nnx.Rngs
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: starting as PyTorch's do."""
    bound = (out * kernel) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.ConvTranspose(
        in_channels,
        out,
        (kernel,),
        strides=stride,
        padding=padding,
        transpose_kernel=True,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class LengthPlain(nnx.Module):
    """Maps (N, 7, 4) to (N, 14, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 6, 2, stride=2, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.a(x)  # (N, 14, 6)


# ---- volume --------------------------------------------------------------------------


def conv_transpose(
    in_channels: int,
    out: int,
    kernel: tuple[int, int, int],
    stride: int | tuple[int, int, int] = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int], tuple[int, int]] = 0,
    *,
    rngs: nnx.Rngs,
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: starting as PyTorch's do."""
    bound = (out * math.prod(kernel)) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.ConvTranspose(
        in_channels,
        out,
        kernel,
        strides=stride,
        padding=padding,
        transpose_kernel=True,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Volume(nnx.Module):
    """Maps (N, 2, 3, 3, 4) to (N, 4, 12, 12, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 4, (2, 2, 2), stride=2, padding=1, rngs=rngs)
        self.conv_transpose2 = conv_transpose(
            4, 2, (1, 3, 3), stride=(1, 2, 2), padding=((0, 0), (1, 2), (1, 2)), rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 4, 6, 6, 4)
        return self.conv_transpose2(x)  # (N, 4, 12, 12, 2)


# ---- volume_plain --------------------------------------------------------------------


def conv_transpose(
    in_channels: int, out: int, kernel: int, stride: int = 1, padding: int = 0, *, rngs: nnx.Rngs
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: starting as PyTorch's do."""
    bound = (out * kernel**3) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.ConvTranspose(
        in_channels,
        out,
        (kernel,) * 3,
        strides=stride,
        padding=padding,
        transpose_kernel=True,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class VolumePlain(nnx.Module):
    """Maps (N, 2, 3, 3, 4) to (N, 4, 6, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 4, 2, stride=2, padding=1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        return self.a(x)  # (N, 4, 6, 6, 4)


# ---- within_blocks -------------------------------------------------------------------


def conv_transpose(
    in_channels: int, out: int, kernel: int, stride: int = 1, padding: int = 0, *, rngs: nnx.Rngs
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: square, starting as PyTorch's do."""
    bound = (out * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.ConvTranspose(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        transpose_kernel=True,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Up(nnx.Module):
    """The block `up`."""

    def __init__(self, in_channels: int, width: int, by: int, *, rngs: nnx.Rngs) -> None:
        self.skip = conv(in_channels, width, 1, rngs=rngs)
        self.conv_transpose1 = conv_transpose(
            width, width, by, stride=by, padding=by - 1, rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.skip(x)
        return self.conv_transpose1(x)


class WithinBlocks(nnx.Module):
    """Maps (N, 5, 6, 4) to (N, 30, 36, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = Up(4, 6, 2, rngs=rngs)
        channels = 6
        self.more = nnx.List([])
        for n in (1, 3):
            self.more.append(Up(channels, 4, n, rngs=rngs))
            channels = 4

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 10, 12, 6)
        for more_layer in self.more:
            x = more_layer(x)  # (N, 10, 12, 4) to (N, 30, 36, 4)
        return x


# ---- numbered ------------------------------------------------------------------------


def conv_transpose(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    bias: bool = True,
    *,
    rngs: nnx.Rngs,
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: square, starting as PyTorch's do."""
    bound = (out * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.ConvTranspose(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        transpose_kernel=True,
        use_bias=bias,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Numbered(nnx.Sequential):
    """Maps (N, 5, 6, 4) to (N, 20, 24, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            conv_transpose(4, 6, 2, stride=2, padding=1, rngs=rngs),
            conv_transpose(6, 3, 2, stride=2, padding=1, bias=False, rngs=rngs),
        )


# ---- initial -------------------------------------------------------------------------


conv_transpose_init = nnx.initializers.normal(0.01)


conv_transpose_bias_init = nnx.initializers.constant(0.5)


conv_transpose_init_2 = nnx.initializers.variance_scaling(1 / 3, "fan_in", "uniform")


conv_transpose_init_3 = nnx.initializers.variance_scaling(2.0, "fan_out", "normal")


def conv_transpose(
    in_channels: int,
    out: int,
    kernel: int,
    padding: int = 0,
    kernel_init: nnx.initializers.Initializer = conv_transpose_init_3,
    bias_init: nnx.initializers.Initializer = nnx.initializers.zeros,
    *,
    rngs: nnx.Rngs,
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: square."""
    return nnx.ConvTranspose(
        in_channels,
        out,
        (kernel, kernel),
        padding=padding,
        transpose_kernel=True,
        kernel_init=kernel_init,
        bias_init=bias_init,
        rngs=rngs,
    )


class Initial(nnx.Sequential):
    """Maps (N, 5, 5, 4) to (N, 10, 10, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            conv_transpose(4, 3, 2, padding=1, rngs=rngs),
            conv_transpose(
                3,
                3,
                3,
                padding=2,
                kernel_init=conv_transpose_init,
                bias_init=conv_transpose_bias_init,
                rngs=rngs,
            ),
            conv_transpose(
                3,
                3,
                3,
                padding=2,
                kernel_init=conv_transpose_init_2,
                bias_init=partial(
                    jax.random.uniform,
                    minval=-((1 / (3 * 3 * 3)) ** 0.5),
                    maxval=(1 / (3 * 3 * 3)) ** 0.5,
                ),
                rngs=rngs,
            ),
        )


# ---- one_start -----------------------------------------------------------------------


conv_transpose_init = nnx.initializers.variance_scaling(2.0, "fan_in", "normal")


def conv_transpose(
    in_channels: int, out: int, kernel: int, padding: int = 0, *, rngs: nnx.Rngs
) -> nnx.ConvTranspose:
    """A transposed convolution as this network has them: square."""
    return nnx.ConvTranspose(
        in_channels,
        out,
        (kernel, kernel),
        padding=padding,
        transpose_kernel=True,
        kernel_init=conv_transpose_init,
        rngs=rngs,
    )


class OneStart(nnx.Module):
    """Maps (N, 5, 5, 4) to (N, 8, 8, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv_transpose(4, 3, 2, padding=1, rngs=rngs)
        self.conv_transpose2 = conv_transpose(3, 3, 3, padding=2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 6, 6, 3)
        return self.conv_transpose2(x)  # (N, 8, 8, 3)
