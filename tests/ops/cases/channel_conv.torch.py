# Written by `make golden` from channel_conv.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class ChannelConv(nn.Conv1d):
    """A convolution over the channels of a vector."""

    def __init__(self, kernel_size: int) -> None:
        super().__init__(1, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.flatten(1).unsqueeze(1)).view_as(x)


class Eca(nn.Module):
    """Wang et al. 2020: channels weigh one another."""

    def __init__(self, in_channels: int, kernel: int = 3) -> None:
        super().__init__()
        self.conv = ChannelConv(kernel)

    def forward(self, x: Tensor) -> Tensor:
        y = x.mean(dim=(2, 3))
        y = self.conv(y)
        return x * y[:, :, None, None]


class Labelled(nn.Module):
    """Maps (N, 6, 4, 5) to (N, 4, 1, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.eca1 = Eca(6)
        self.eca2 = Eca(6, kernel=5)
        self.conv1 = nn.Conv2d(6, 4, 1)
        self.a = ChannelConv(3)
        nn.init.normal_(self.a.weight, std=0.5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.eca1(x)  # (N, 6, 4, 5)
        x = self.eca2(x)  # (N, 6, 4, 5)
        x = x.mean(dim=(2, 3), keepdim=True)  # (N, 6, 1, 1)
        x = self.conv1(x)  # (N, 4, 1, 1)
        return self.a(x)  # (N, 4, 1, 1)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 7) to (N, 5)."""

    def __init__(self) -> None:
        super().__init__(ChannelConv(3), nn.Linear(7, 5), ChannelConv(1))
