# Written by `make golden` from adaptive_avg_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 4, 6, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(x, (3, 4))  # (N, 4, 3, 4)
        return F.adaptive_avg_pool2d(x, 6)  # (N, 4, 6, 6)


# ---- even ----------------------------------------------------------------------------


class Even(nn.Module):
    """Maps (N, 4, 6, 9) to (N, 4, 1, 1)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(x, (2, 3))  # (N, 4, 2, 3)
        return F.adaptive_avg_pool2d(x, 1)  # (N, 4, 1, 1)


# ---- the_same_size -------------------------------------------------------------------


class TheSameSize(nn.Module):
    """Maps (N, 4, 6, 9) to (N, 4, 7, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(x, (6, 9))  # (N, 4, 6, 9)
        return F.adaptive_avg_pool2d(x, (7, 2))  # (N, 4, 7, 2)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 4, 9, 11) to (N, 4, 3, 1)."""

    def __init__(self) -> None:
        super().__init__(nn.AdaptiveAvgPool2d(7), nn.AdaptiveAvgPool2d((3, 1)))


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 13) to (N, 4, 1)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool1d(x, 5)  # (N, 4, 5)
        return F.adaptive_avg_pool1d(x, 1)  # (N, 4, 1)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 3, 5, 7, 6) to (N, 3, 1, 3, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool3d(x, (2, 3, 4))  # (N, 3, 2, 3, 4)
        return F.adaptive_avg_pool3d(x, (1, 3, 2))  # (N, 3, 1, 3, 2)
