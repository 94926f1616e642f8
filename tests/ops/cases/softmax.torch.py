# Written by `make golden` from softmax.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.softmax(x, dim=1)  # (N, 4, 5, 6)
        return F.softmax(x.mean(dim=(2, 3)), dim=1)  # (N, 4)


# ---- sliced --------------------------------------------------------------------------


class Sliced(nn.Module):
    """Maps (N, 6, 5, 4) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(6, 6, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.softmax(x.unflatten(1, (2, -1)), dim=1).flatten(1, 2)  # (N, 6, 5, 4)
        x = F.softmax(self.conv1(x).unflatten(1, (3, -1)), dim=1).flatten(1, 2)  # (N, 6, 5, 4)
        x = x.mean(dim=(2, 3))  # (N, 6)
        return F.softmax(x.unflatten(1, (6, -1)), dim=1).flatten(1, 2)  # (N, 6)


# ---- parameter -----------------------------------------------------------------------


class Attention(nn.Module):
    """The block `attention`."""

    def __init__(self, in_channels: int, radix: int) -> None:
        super().__init__()
        self.radix = radix
        self.c = nn.Conv2d(in_channels, 4 * radix, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.c(x)
        return F.softmax(x.unflatten(1, (self.radix, -1)), dim=1).flatten(1, 2)


class Parameter(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 24, 5, 6)."""

    def __init__(self, radix: int = 2) -> None:
        super().__init__()
        self.a = Attention(4, radix)
        self.b = Attention(4 * radix, 3 * radix)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 8, 5, 6)
        return self.b(x)  # (N, 24, 5, 6)


# ---- numbered ------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__(nn.Softmax(dim=1), Lambda(lambda x: x.mean(dim=(2, 3))), nn.Softmax(dim=1))


# ---- numbered_slices -----------------------------------------------------------------


class NumberedSlices(nn.Sequential):
    """Maps (N, 6, 5, 4) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(6, 6, 1),
            Lambda(lambda x: F.softmax(x.unflatten(1, (2, -1)), dim=1).flatten(1, 2)),
            Lambda(lambda x: x.mean(dim=(2, 3))),
            Lambda(lambda x: F.softmax(x.unflatten(1, (6, -1)), dim=1).flatten(1, 2)),
        )


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 4, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.softmax(x, dim=1)  # (N, 4, 9)
        return F.softmax(x.unflatten(1, (2, -1)), dim=1).flatten(1, 2)  # (N, 4, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 3, 2, 3) to (N, 4, 3, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.softmax(x, dim=1)  # (N, 4, 3, 2, 3)
        return F.softmax(x.unflatten(1, (2, -1)), dim=1).flatten(1, 2)  # (N, 4, 3, 2, 3)
