# Written by `make golden` from reshape.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class PositionwiseLinear(nn.Linear):
    """A linear layer over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Labelled(nn.Module):
    """Maps (N, 6, 4, 5) to (N, 30)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = PositionwiseLinear(6, 4)
        self.conv1 = nn.Conv2d(8, 3, 3, padding=1)
        self.linear2 = PositionwiseLinear(3 * 2 * 5 // 5, 6)

    def forward(self, x: Tensor) -> Tensor:
        x = x.reshape(-1, 6, 20)  # (N, 6, 20)
        x = self.linear1(x)  # (N, 4, 20)
        x = x.reshape(-1, 8, 2, 5)  # (N, 8, 2, 5)
        x = self.conv1(x)  # (N, 3, 2, 5)
        x = x.flatten(1).unflatten(1, (-1, 5))  # (N, 6, 5)
        x = self.linear2(x)  # (N, 6, 5)
        x = x.flatten(1).unflatten(1, (2, -1, 3))  # (N, 2, 5, 3)
        return x.flatten(1)  # (N, 30)


# ---- numbered ------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 6, 4, 5) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__(
            Lambda(lambda x: x.flatten(1).unflatten(1, (6, -1))),
            PositionwiseLinear(6, 4),
            Lambda(lambda x: x.reshape(-1, 4, 5, 4)),
            nn.Conv2d(4, 2, 3, padding=1),
            Lambda(lambda x: x.flatten(1)),
            nn.Linear(40, 4),
        )


# ---- channels_kept -------------------------------------------------------------------


class ChannelsKept(nn.Module):
    """Maps (N, 6, 4, 5) to (N, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(6, 8, 1)
        self.linear = PositionwiseLinear(8, 8)
        self.linear2 = nn.Linear(8 * 2 * 2 * 5, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)  # (N, 8, 4, 5)
        x = x.flatten(1).unflatten(1, (8, -1))  # (N, 8, 20)
        x = self.linear(x)  # (N, 8, 20)
        x = x.reshape(-1, 8, 4, 5)  # (N, 8, 4, 5)
        x = x.reshape(-1, 8, 2, 2, 5)  # (N, 8, 2, 2, 5)
        x = x.flatten(1)  # (N, 160)
        return self.linear2(x)  # (N, 2)


# ---- vectors -------------------------------------------------------------------------


class Vectors(nn.Module):
    """Maps (N, 12) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = PositionwiseLinear(3, 2)
        self.linear2 = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = x.reshape(-1, 3, 4)  # (N, 3, 4)
        x = self.linear1(x)  # (N, 2, 4)
        x = x.reshape(-1, 1, 8)  # (N, 1, 8)
        x = x.flatten(1)  # (N, 8)
        return self.linear2(x)  # (N, 3)


# ---- by_parameter --------------------------------------------------------------------


class Rows(nn.Module):
    """Of any number of channels: what follows knows how many there are."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.linear = PositionwiseLinear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1).unflatten(1, (self.channels, -1))
        return self.linear(x)


class Rest(nn.Module):
    """The block `rest`."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.linear = PositionwiseLinear(in_channels * 24 // 4, in_channels)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1).unflatten(1, (-1, 4))
        return self.linear(x)


class ByParameter(nn.Sequential):
    """Maps (N, 8, 3, 4) to (N, 4, 4)."""

    def __init__(self) -> None:
        super().__init__(Rows(8), Lambda(lambda x: x.reshape(-1, 8, 3, 4)), Rows(4), Rest(4))
