# Written by `make golden` from channel_conv.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


channel_conv_init = nnx.initializers.variance_scaling(1 / 3, "fan_in", "uniform")


channel_conv_init_2 = nnx.initializers.normal(0.5)


class ChannelConv(nnx.Conv):
    """A convolution over the channels of a vector."""

    def __init__(self, kernel_size: int, **options: Any) -> None:
        options |= {"padding": kernel_size // 2, "use_bias": False}
        super().__init__(1, 1, (kernel_size,), **options)

    def __call__(self, x: Array) -> Array:
        return super().__call__(x.reshape(x.shape[0], -1, 1)).reshape(x.shape)


class Eca(nnx.Module):
    """Wang et al. 2020: channels weigh one another."""

    def __init__(self, in_channels: int, kernel: int = 3, *, rngs: nnx.Rngs) -> None:
        self.conv = ChannelConv(kernel, kernel_init=channel_conv_init, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        y = x.mean(axis=(1, 2))
        y = self.conv(y)
        return x * y[:, None, None]


class Labelled(nnx.Module):
    """Maps (N, 4, 5, 6) to (N, 1, 1, 4)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        self.eca1 = Eca(6, rngs=rngs)
        self.eca2 = Eca(6, kernel=5, rngs=rngs)
        self.conv1 = conv(6, 4, 1, rngs=rngs)
        self.a = ChannelConv(3, kernel_init=channel_conv_init_2, rngs=rngs)

    def __call__(self, x: Array) -> Array:
        x = self.eca1(x)  # (N, 4, 5, 6)
        x = self.eca2(x)  # (N, 4, 5, 6)
        x = x.mean(axis=(1, 2), keepdims=True)  # (N, 1, 1, 6)
        x = self.conv1(x)  # (N, 1, 1, 4)
        return self.a(x)  # (N, 1, 1, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nnx.Sequential):
    """Maps (N, 7) to (N, 5)."""

    def __init__(self, *, rngs: nnx.Rngs) -> None:
        super().__init__(
            ChannelConv(3, kernel_init=channel_conv_init, rngs=rngs),
            linear(7, 5, rngs=rngs),
            ChannelConv(1, kernel_init=channel_conv_init, rngs=rngs),
        )
