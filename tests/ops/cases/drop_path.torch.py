# Written by `make golden` from drop_path.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class DropPath(nn.Module):
    """Stochastic depth: in training, drops a share of the samples and scales up the others."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = torch.rand((x.shape[0],) + (1,) * (x.dim() - 1), device=x.device) >= self.rate
        return x * kept / (1 - self.rate)


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = DropPath(0.3)
        self.conv1 = nn.Conv2d(4, 3, 1)
        self.drop_path2 = DropPath(0.2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 5, 6)
        return self.drop_path2(self.conv1(x))  # (N, 3, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = DropPath(0)
        self.linear1 = nn.Linear(6, 4)
        self.drop_path2 = DropPath(0.9)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6)
        return self.drop_path2(self.linear1(x))  # (N, 4)


# ---- deeper --------------------------------------------------------------------------


class Branch(nn.Module):
    """The block `branch`."""

    def __init__(self, in_channels: int, drop: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.drop_path1 = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        y = self.drop_path1(self.conv1(x))
        return y + x


class Deeper(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self, depth: int = 3, drop: float = 0.2) -> None:
        super().__init__()
        s: list[nn.Module] = []
        channels = 4
        for index in range(depth):
            s.append(Branch(channels, drop * index / (depth - 1)))
            channels = 4
        self.s = nn.Sequential(*s)

    def forward(self, x: Tensor) -> Tensor:
        return self.s(x)  # (N, 4, 5, 6)


# ---- numbered ------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__(
            DropPath(0.2),
            nn.Conv2d(4, 3, 1),
            DropPath(0.5),
            Lambda(lambda x: x.mean(dim=(2, 3))),
            DropPath(0.1),
        )
