# Written by `make golden` from blur_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def blur_pool(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Blur with binomial weights and keep every few positions (Zhang 2019)."""
    rank, row = x.dim() - 2, [math.comb(kernel - 1, i) for i in range(kernel)]
    weights = torch.tensor(row, dtype=x.dtype, device=x.device) / 2 ** (kernel - 1)
    blur = weights
    for _ in range(rank - 1):
        blur = blur[..., None] * weights
    x = F.pad(x, ((kernel - 1) // 2, kernel // 2) * rank, mode="reflect")
    convolve = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    blurs = blur.expand(x.shape[1], 1, *blur.shape)
    return convolve(x, blurs, stride=stride, groups=x.shape[1])


class Labelled(nn.Module):
    """Maps (N, 4, 9, 12) to (N, 4, 3, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = blur_pool(x, 3, 2)  # (N, 4, 5, 6)
        x = blur_pool(x, 4, 1)  # (N, 4, 5, 6)
        return blur_pool(x, 5, 2)  # (N, 4, 3, 3)


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 13) to (N, 4, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = blur_pool(x, 7, 2)  # (N, 4, 7)
        return blur_pool(x, 2, 2)  # (N, 4, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 3, 5, 7, 6) to (N, 3, 1, 2, 1)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = blur_pool(x, 3, 2)  # (N, 3, 3, 4, 3)
        return blur_pool(x, 3, 3)  # (N, 3, 1, 2, 1)


# ---- numbered ------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 4, 9, 11) to (N, 6, 2, 2)."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(4, 6, 3, padding=1),
            Lambda(lambda x: blur_pool(x, 3, 3)),
            Lambda(lambda x: blur_pool(x, 1, 2)),
        )


# ---- within_blocks -------------------------------------------------------------------


class Narrow(nn.Module):
    """The block `narrow`."""

    def __init__(self, in_channels: int, width: int, size: int) -> None:
        super().__init__()
        self.size = size
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=1)
        self.shortcut = nn.Sequential(
            Lambda(lambda x, size=size: blur_pool(x, size, 2)), nn.Conv2d(in_channels, width, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)
        y = blur_pool(y, self.size, 2)
        return y + self.shortcut(x)


class WithinBlocks(nn.Module):
    """Maps (N, 4, 9, 12) to (N, 5, 3, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Narrow(4, 6, 3)
        self.b = Narrow(6, 5, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 5, 6)
        return self.b(x)  # (N, 5, 3, 3)
