# Written by `make golden` from split.res: classes and what they use.


# ---- halves --------------------------------------------------------------------------


class Halves(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 2, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x0, x1 = x.chunk(2, dim=1)
        x = self.conv1(x1)  # (N, 2, 5, 6)
        return x + x0  # (N, 2, 5, 6)


# ---- sizes ---------------------------------------------------------------------------


class Sizes(nn.Module):
    """Maps (N, 7, 5, 6) to (N, 7, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        part0, part1, part2 = x.split((2, 4, 1), dim=1)
        return torch.cat([part2, part0, part1], dim=1)  # (N, 7, 5, 6)


# ---- many ----------------------------------------------------------------------------


class Many(nn.Module):
    """Maps (N, 6, 5, 6) to (N, 8, 5, 6)."""

    def __init__(self, count: int = 6) -> None:
        super().__init__()
        self.count = count
        self.y = nn.ModuleList()
        for _ in range(count):
            self.y.append(nn.Conv2d(6 // count, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        parts = x.chunk(self.count, dim=1)
        ys: list[Tensor] = []
        for i in range(self.count):
            ys.append(self.y[i](parts[i]))
        total = sum(ys[1:], ys[0])  # (N, 2, 5, 6)
        return torch.cat([total, *parts], dim=1)  # (N, 8, 5, 6)


# ---- given ---------------------------------------------------------------------------


class Given(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 2, 5, 6)."""

    def __init__(self, sizes: Sequence[int] = (1, 3)) -> None:
        super().__init__()
        self.sizes = sizes
        self.y = nn.ModuleList()
        for index in range(len(sizes)):
            self.y.append(nn.Conv2d(sizes[len(sizes) - 1 - index], 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        parts = x.split(self.sizes, dim=1)
        ys: list[Tensor] = []
        for index in range(len(self.sizes)):
            ys.append(self.y[index](parts[len(self.sizes) - 1 - index]))
        return math.prod(ys[1:], start=ys[0])  # (N, 2, 5, 6)


# ---- whole ---------------------------------------------------------------------------


class Whole(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 8, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        one = x.chunk(1, dim=1)
        return torch.cat([*one, x], dim=1)  # (N, 8, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        part0, _, part2 = x.chunk(3, dim=1)
        return part2 - part0  # (N, 2)


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 2, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        part0, part1 = x.chunk(2, dim=1)
        return part0 + part1  # (N, 2, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 2, 3, 2) to (N, 3, 2, 3, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        _, part1 = x.split((1, 3), dim=1)
        return part1
