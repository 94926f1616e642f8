# Written by `make golden` from pad_channels.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def pad_channels(x: Tensor, channels: int) -> Tensor:
    """Append zero channels up to a number of channels."""
    return F.pad(x, (0, 0) * (x.dim() - 2) + (0, channels - x.shape[1]))


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 7, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = pad_channels(x, 7)  # (N, 7, 5, 6)
        return pad_channels(x, 7)  # (N, 7, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return pad_channels(x, 9)  # (N, 9)


# ---- numbered ------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__(Lambda(lambda x: pad_channels(x, 7)), nn.Conv2d(7, 3, 1))


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 6, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return pad_channels(x, 6)  # (N, 6, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 2, 3, 2) to (N, 6, 2, 3, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return pad_channels(x, 6)  # (N, 6, 2, 3, 2)
