# Written by `make golden` from leaky_relu.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(x)  # (N, 4, 5, 6)
        return F.leaky_relu(self.b(x), 0.2)  # (N, 4, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(F.leaky_relu(x, 0), -0.5)  # (N, 6)


# ---- parameter -----------------------------------------------------------------------


class Leaky(nn.Module):
    """The block `leaky`."""

    def __init__(self, in_channels: int, slope: float, wide: int = 4) -> None:
        super().__init__()
        self.slope = slope
        self.c = nn.Conv2d(in_channels, wide, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.c(x), self.slope / 2)


class Parameter(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self, slope: float = 0.3) -> None:
        super().__init__()
        self.a = Leaky(4, slope)
        self.b = Leaky(4, 2 * slope)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 5, 6)
        return self.b(x)  # (N, 4, 5, 6)


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
        super().__init__(nn.LeakyReLU(0.3), Lambda(lambda x: x.mean(dim=(2, 3))), nn.LeakyReLU())
