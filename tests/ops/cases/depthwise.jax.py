# Written by `make golden` from depthwise.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 5, 11, 12)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, (3, 3), padding=1, groups=4, rngs=rngs)
        self.b = conv(
            4,
            4 * 3,
            (3, 5),
            stride=(2, 1),
            padding=((1, 1), (2, 2)),
            groups=4,
            bias=False,
            rngs=rngs,
        )
        self.c = conv(4 * 3, 4 * 3, (3, 3), padding=2, dilation=2, groups=4 * 3, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 9, 11, 4)
        x = self.b(x)  # (N, 5, 11, 12)
        return self.c(x)  # (N, 5, 11, 12)


# ---- strided_and_dilated -------------------------------------------------------------


class StridedAndDilated(nnx.Module):
    """Maps (N, 9, 11, 4) to (N, 5, 6, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4 * 2, 3, stride=2, padding=2, dilation=2, groups=4, rngs=rngs)
        self.depthwise2 = conv(4 * 2, 4 * 2, 2, padding=((0, 1), (1, 0)), groups=4 * 2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 6, 8)
        return self.depthwise2(x)  # (N, 5, 6, 8)


# ---- tensorflow_same -----------------------------------------------------------------


class TensorflowSame(nnx.Module):
    """Maps (N, 8, 11, 4) to (N, 2, 4, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 3, stride=2, padding="SAME", groups=4, rngs=rngs)
        self.depthwise2 = conv(4, 4, 3, groups=4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 4, 6, 4)
        return self.depthwise2(x)  # (N, 2, 4, 4)


# ---- length --------------------------------------------------------------------------


class Length(nnx.Module):
    """Maps (N, 13, 4) to (N, 7, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(4, 4, 5, stride=2, padding=2, groups=4, rngs=rngs)
        self.depthwise2 = conv(4, 4 * 2, 3, padding=2, dilation=2, groups=4, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 7, 4)
        return self.depthwise2(x)  # (N, 7, 8)


# ---- volume --------------------------------------------------------------------------


class Volume(nnx.Module):
    """Maps (N, 5, 7, 6, 3) to (N, 5, 4, 3, 6)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = conv(3, 3 * 2, (1, 3, 3), padding=((0, 0), (1, 1), (1, 1)), groups=3, rngs=rngs)
        self.depthwise2 = conv(
            3 * 2, 3 * 2, (3, 3, 3), stride=(1, 2, 2), padding=1, groups=3 * 2, rngs=rngs
        )

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 7, 6, 6)
        return self.depthwise2(x)  # (N, 5, 4, 3, 6)


# ---- within_blocks -------------------------------------------------------------------


class Separable(nnx.Module):
    """The block `separable`."""

    def __init__(self, in_channels: int, width: int, stride: int = 1, *, rngs: nnx.Rngs) -> None:
        self.dw = conv(
            in_channels,
            in_channels,
            3,
            stride=stride,
            padding=1,
            groups=in_channels,
            bias=False,
            rngs=rngs,
        )
        self.bn = BatchNorm(in_channels, rngs=rngs)
        self.pw = conv(in_channels, width, 1, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = nnx.relu(self.bn(self.dw(x)))
        return self.pw(x)


class WithinBlocks(nnx.Module):
    """Maps (N, 9, 8, 4) to (N, 5, 4, 36)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.a = Separable(4, 6, stride=2, rngs=rngs)
        channels = 6
        self.wide = nnx.List([])
        for n in (2, 3):
            self.wide.append(
                nnx.Sequential(
                    conv(channels, channels * n, 3, padding=1, groups=channels, rngs=rngs),
                    nnx.relu,
                    conv(channels * n, channels * n, 1, groups=channels * n, rngs=rngs),
                )
            )
            channels *= n

    def __call__(self, x: Array) -> Array:
        x = self.a(x)  # (N, 5, 4, 6)
        for wide_layer in self.wide:
            x = wide_layer(x)  # (N, 5, 4, 12) to (N, 5, 4, 36)
        return x


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 9, 11, 4) to (N, 9, 11, 8)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            conv(4, 4, 3, padding=1, groups=4, rngs=rngs),
            conv(4, 4 * 2, 3, padding=1, groups=4, rngs=rngs),
        )


# ---- initial -------------------------------------------------------------------------


conv_init = nnx.initializers.normal(0.01)


conv_bias_init = nnx.initializers.constant(0.5)


conv_init_2 = nnx.initializers.variance_scaling(1 / 3, "fan_in", "uniform")


conv_init_3 = nnx.initializers.variance_scaling(2.0, "fan_out", "normal")


class Initial(nnx.Sequential):
    """Maps (N, 5, 5, 4) to (N, 5, 5, 3)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            conv(4, 4, 3, padding=1, groups=4, rngs=rngs),
            conv(
                4,
                4,
                3,
                padding=1,
                groups=4,
                kernel_init=conv_init,
                bias_init=conv_bias_init,
                rngs=rngs,
            ),
            conv(
                4,
                3,
                3,
                padding=1,
                kernel_init=conv_init_2,
                bias_init=partial(
                    jax.random.uniform,
                    minval=-((1 / (4 * 3 * 3)) ** 0.5),
                    maxval=(1 / (4 * 3 * 3)) ** 0.5,
                ),
                rngs=rngs,
            ),
        )
