# Written by `make golden` from conv.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: tuple[int, int],
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] = 0,
    dilation: int | tuple[int, int] = 1,
    bias: bool = True,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels * math.prod(kernel)) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        kernel,
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        use_bias=bias,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Labelled(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 3, 6, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 6, (3, 3), padding=1, rngs=rngs)
        self.b = conv(6, 4, (3, 3), stride=2, padding=1, bias=False, rngs=rngs)
        self.c = conv(
            4, 5, (3, 5), stride=(2, 1), padding=((1, 1), (4, 4)), dilation=(1, 2), rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 9, 11, 6)
        x = self.b(x)  # (N, 5, 6, 4)
        return self.c(x)  # (N, 3, 6, 5)


# ---- numbers -------------------------------------------------------------------------


def conv(in_channels: int, out: int, kernel: int, padding: int = 0, *, rngs: nnx.Rngs) -> nnx.Conv:
    """A convolution as this network has them: square, starting as PyTorch's do."""
    bound = (in_channels * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel, kernel),
        padding=padding,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Numbers(nnx.Module):
    """Maps (N, 12, 10, 4) to (N, 11, 9, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 5, 3, padding=2, rngs=rngs)
        self.conv2 = conv(5, 5, 3, rngs=rngs)
        self.conv3 = conv(5, 5, 2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 14, 12, 5)
        x = self.conv2(x)  # (N, 12, 10, 5)
        return self.conv3(x)  # (N, 11, 9, 5)


# ---- sides ---------------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] = 0,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: square, starting as PyTorch's do."""
    bound = (in_channels * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Sides(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 4, 11, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 6, 3, stride=2, padding=((0, 1), (2, 3)), rngs=rngs)
        self.conv2 = conv(6, 2, 2, padding=((0, 1), (2, 3)), rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 4, 7, 6)
        return self.conv2(x)  # (N, 4, 11, 2)


# ---- tensorflow_same -----------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: tuple[int, int],
    stride: int | tuple[int, int] = 1,
    padding: int | str = 0,
    dilation: int | tuple[int, int] = 1,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels * math.prod(kernel)) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        kernel,
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class TensorflowSame(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 5, 4, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 6, (3, 3), stride=(2, 3), padding="SAME", rngs=rngs)
        self.conv2 = conv(6, 6, (2, 4), padding="SAME", dilation=(2, 1), rngs=rngs)
        self.conv3 = conv(6, 6, (4, 4), padding="SAME", rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 4, 6)
        x = self.conv2(x)  # (N, 5, 4, 6)
        return self.conv3(x)  # (N, 5, 4, 6)


# ---- groups --------------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: square, starting as PyTorch's do."""
    bound = (in_channels // groups * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        feature_group_count=groups,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Groups(nnx.Module):
    """Maps (N, 9, 8, 4) to (N, 5, 4, 16)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 8, 3, stride=2, padding=1, groups=4, rngs=rngs)
        self.depthwise = conv(8, 16, 3, padding=1, groups=8, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 4, 8)
        return self.depthwise(x)  # (N, 5, 4, 16)


# ---- dilated_groups ------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: square, starting as PyTorch's do."""
    bound = (in_channels // groups * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        feature_group_count=groups,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class DilatedGroups(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 2, 3, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 8, 3, stride=2, padding=2, dilation=2, groups=2, rngs=rngs)
        self.b = conv(
            8, 6, 3, stride=(2, 3), padding=((1, 2), (3, 0)), dilation=(2, 1), groups=2, rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 8)
        return self.b(x)  # (N, 2, 3, 6)


# ---- dilated_tensorflow_same ---------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: square, starting as PyTorch's do."""
    bound = (in_channels * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class DilatedTensorflowSame(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 6, 3, stride=2, padding="SAME", dilation=2, rngs=rngs)
        self.conv2 = conv(6, 4, 2, padding="SAME", rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 6)
        return self.conv2(x)  # (N, 5, 6, 4)


# ---- narrow --------------------------------------------------------------------------


def conv(
    in_channels: int, out: int, kernel: int, stride: int = 1, padding: int = 0, *, rngs: nnx.Rngs
) -> nnx.Conv:
    """A convolution as this network has them: square, starting as PyTorch's do."""
    bound = (in_channels * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Narrow(nnx.Module):
    """Maps (N, 1, 7, 3) to (N, 1, 4, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(3, 4, 3, stride=2, padding=1, rngs=rngs)
        self.conv2 = conv(4, 2, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 1, 4, 4)
        return self.conv2(x)  # (N, 1, 4, 2)


# ---- numbered ------------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] | str = 0,
    dilation: int = 1,
    groups: int = 1,
    bias: bool = True,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: square, starting as PyTorch's do."""
    bound = (in_channels // groups * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        feature_group_count=groups,
        use_bias=bias,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Numbered(nnx.Sequential):
    """Maps (N, 9, 11, 4) to (N, 4, 9, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            conv(4, 6, 3, padding=1, rngs=rngs),
            conv(6, 4, 3, stride=2, padding="SAME", bias=False, rngs=rngs),
            conv(4, 4, 3, padding=2, dilation=2, groups=2, rngs=rngs),
            conv(4, 4, 3, padding=((0, 1), (2, 3)), rngs=rngs),
        )


# ---- initial -------------------------------------------------------------------------


conv_init = nnx.initializers.normal(0.01)


conv_bias_init = nnx.initializers.constant(0.5)


conv_init_2 = nnx.initializers.variance_scaling(1 / 3, "fan_in", "uniform")


conv_init_3 = nnx.initializers.variance_scaling(2.0, "fan_out", "normal")


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    padding: int = 0,
    kernel_init: nnx.initializers.Initializer = conv_init_3,
    bias_init: nnx.initializers.Initializer = nnx.initializers.zeros,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: square."""
    return nnx.Conv(
        in_channels,
        out,
        (kernel, kernel),
        padding=padding,
        kernel_init=kernel_init,
        bias_init=bias_init,
        rngs=rngs,
    )


class Initial(nnx.Sequential):
    """Maps (N, 5, 5, 4) to (N, 5, 5, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            conv(4, 3, 1, rngs=rngs),
            conv(3, 3, 3, padding=1, kernel_init=conv_init, bias_init=conv_bias_init, rngs=rngs),
            conv(
                3,
                3,
                3,
                padding=1,
                kernel_init=conv_init_2,
                bias_init=partial(
                    jax.random.uniform,
                    minval=-((1 / (3 * 3 * 3)) ** 0.5),
                    maxval=(1 / (3 * 3 * 3)) ** 0.5,
                ),
                rngs=rngs,
            ),
        )


# ---- length --------------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int | tuple[tuple[int, int]] = 0,
    dilation: int = 1,
    bias: bool = True,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels * kernel) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel,),
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        use_bias=bias,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Length(nnx.Module):
    """Maps (N, 13, 4) to (N, 6, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 6, 3, padding=1, rngs=rngs)
        self.b = conv(6, 4, 5, stride=2, padding=2, bias=False, rngs=rngs)
        self.c = conv(4, 5, 3, padding=((1, 2),), dilation=2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 13, 6)
        x = self.b(x)  # (N, 7, 4)
        return self.c(x)  # (N, 6, 5)


# ---- length_groups -------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int | str = 0,
    dilation: int = 1,
    groups: int = 1,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels // groups * kernel) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel,),
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        feature_group_count=groups,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class LengthGroups(nnx.Module):
    """Maps (N, 13, 4) to (N, 4, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 8, 3, stride=2, padding=1, groups=4, rngs=rngs)
        self.conv2 = conv(8, 4, 3, stride=2, padding=2, dilation=2, groups=2, rngs=rngs)
        self.conv3 = conv(4, 6, 4, padding="SAME", rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 7, 8)
        x = self.conv2(x)  # (N, 4, 4)
        return self.conv3(x)  # (N, 4, 6)


# ---- volume --------------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: tuple[int, int, int],
    stride: int | tuple[int, int, int] = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int], tuple[int, int]] = 0,
    dilation: int = 1,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels * math.prod(kernel)) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        kernel,
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Volume(nnx.Module):
    """Maps (N, 5, 7, 6, 3) to (N, 5, 4, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(3, 4, (3, 3, 3), padding=1, rngs=rngs)
        self.b = conv(
            4, 6, (1, 3, 2), stride=(1, 2, 1), padding=((0, 0), (1, 1), (0, 1)), rngs=rngs
        )
        self.c = conv(6, 4, (2, 2, 2), padding=1, dilation=2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 7, 6, 4)
        x = self.b(x)  # (N, 5, 4, 6, 6)
        return self.c(x)  # (N, 5, 4, 6, 4)


# ---- volume_groups -------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: tuple[int, int, int],
    stride: int | tuple[int, int, int] = 1,
    padding: int | str = 0,
    dilation: int = 1,
    groups: int = 1,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels // groups * math.prod(kernel)) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        kernel,
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        feature_group_count=groups,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class VolumeGroups(nnx.Module):
    """Maps (N, 5, 7, 6, 4) to (N, 2, 1, 2, 2)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, (3, 3, 3), stride=2, padding=1, groups=2, rngs=rngs)
        self.conv2 = conv(
            4, 6, (2, 2, 2), stride=(1, 2, 1), padding=1, dilation=2, groups=2, rngs=rngs
        )
        self.conv3 = conv(6, 2, (2, 1, 3), stride=2, padding="SAME", rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 3, 4, 3, 4)
        x = self.conv2(x)  # (N, 3, 2, 3, 6)
        return self.conv3(x)  # (N, 2, 1, 2, 2)


# ---- lists ---------------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: tuple[int, int],
    stride: int = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] = 0,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels * math.prod(kernel)) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        kernel,
        strides=stride,
        padding=padding,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class Rows(nnx.Sequential):
    """The block `rows`."""

    def __init__(self, in_channels: int, width: int, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            conv(in_channels, width, (3, 3), padding=1, rngs=rngs),
            conv(width, width, (1, 3), stride=2, padding=((0, 0), (1, 1)), rngs=rngs),
        )


class Lists(nnx.Module):
    """Maps (N, 6, 7, 3) to (N, 2, 2, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = Rows(3, 4, rngs=rngs)
        self.b = Rows(4, 5, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 3, 4, 4)
        return self.b(x)  # (N, 2, 2, 5)


# ---- standardized --------------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: square, starting as PyTorch's do."""
    bound = (in_channels // groups * kernel**2) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel, kernel),
        strides=stride,
        padding=padding,
        feature_group_count=groups,
        conv_general_dilated=standardized_conv,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


def standardized_conv(
    inputs: Array, kernel: Array, *arguments: Any, eps: float = 1e-8, **options: Any
) -> Array:
    """A convolution with standardized kernels: mean 0 and variance 1 (Qiao et al. 2019)."""
    axes = tuple(range(kernel.ndim - 1))
    kernel = (kernel - kernel.mean(axes)) / jnp.sqrt(kernel.var(axes) + eps)
    return lax.conv_general_dilated(inputs, kernel, *arguments, **options)


class Standardized(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 5, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 6, 3, padding=1, rngs=rngs)
        self.conv2 = conv(6, 4, 3, stride=2, padding=1, groups=2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 9, 11, 6)
        return self.conv2(x)  # (N, 5, 6, 4)


# ---- standardized_in_part ------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: tuple[int, int],
    stride: int = 1,
    padding: int | tuple[tuple[int, int], tuple[int, int]] | str = 0,
    dilation: int = 1,
    standardize: float | None = None,
    bias: bool = True,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels * math.prod(kernel)) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        kernel,
        strides=stride,
        padding=padding,
        kernel_dilation=dilation,
        conv_general_dilated=partial(standardized_conv, eps=standardize)
        if standardize is not None
        else lax.conv_general_dilated,
        use_bias=bias,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class StandardizedInPart(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 3, 3, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 6, (3, 3), padding=1, standardize=0.01, bias=False, rngs=rngs)
        self.conv2 = conv(6, 4, (1, 3), padding=((0, 0), (1, 2)), standardize=1e-08, rngs=rngs)
        self.conv3 = conv(4, 6, (3, 3), stride=2, padding="SAME", standardize=1e-08, rngs=rngs)
        self.conv4 = conv(
            6, 6, (3, 3), stride=2, padding=2, dilation=2, standardize=1e-08, rngs=rngs
        )
        self.conv5 = conv(6, 4, (1, 1), rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 9, 11, 6)
        x = self.conv2(x)  # (N, 9, 12, 4)
        x = self.conv3(x)  # (N, 5, 6, 6)
        x = self.conv4(x)  # (N, 3, 3, 6)
        return self.conv5(x)  # (N, 3, 3, 4)


# ---- standardized_length -------------------------------------------------------------


def conv(in_channels: int, out: int, kernel: int, padding: int = 0, *, rngs: nnx.Rngs) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels * kernel) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel,),
        padding=padding,
        conv_general_dilated=partial(standardized_conv, eps=1e-05),
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class StandardizedLength(nnx.Module):
    """Maps (N, 13, 4) to (N, 11, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 6, 3, padding=1, rngs=rngs)
        self.conv2 = conv(6, 6, 3, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 13, 6)
        return self.conv2(x)  # (N, 11, 6)


# ---- standardized_volume -------------------------------------------------------------


def conv(
    in_channels: int,
    out: int,
    kernel: int,
    padding: int = 0,
    standardize: float | None = None,
    *,
    rngs: nnx.Rngs,
) -> nnx.Conv:
    """A convolution as this network has them: starting as PyTorch's do."""
    bound = (in_channels * kernel**3) ** -0.5
    start = partial(jax.random.uniform, minval=-bound, maxval=bound)
    return nnx.Conv(
        in_channels,
        out,
        (kernel,) * 3,
        padding=padding,
        conv_general_dilated=partial(standardized_conv, eps=standardize)
        if standardize is not None
        else lax.conv_general_dilated,
        kernel_init=start,
        bias_init=start,
        rngs=rngs,
    )


class StandardizedVolume(nnx.Module):
    """Maps (N, 5, 7, 6, 3) to (N, 5, 7, 6, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(3, 4, 3, padding=1, standardize=1e-08, rngs=rngs)
        self.conv2 = conv(4, 4, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 7, 6, 4)
        return self.conv2(x)  # (N, 5, 7, 6, 4)
