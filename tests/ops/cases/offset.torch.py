# Written by `make golden` from offset.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((4,), 1e-06))
        self.conv1 = nn.Conv2d(4, 3, 1)
        self.alpha = nn.Parameter(torch.zeros(1))
        self.factor = nn.Parameter(torch.zeros(3, 5, 6))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.gamma[:, None, None]  # (N, 4, 5, 6)
        x = self.conv1(x)  # (N, 3, 5, 6)
        x = x + self.alpha  # (N, 3, 5, 6)
        x = F.relu(x + self.factor)  # (N, 3, 5, 6)
        return x + 0.5  # (N, 3, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(6))
        self.linear1 = nn.Linear(6, 4)
        self.alpha = nn.Parameter(torch.full((1,), -1.0))
        self.factor = nn.Parameter(torch.full((4,), 2.0))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.gamma  # (N, 6)
        x = self.linear1(x)  # (N, 4)
        x = x + self.alpha  # (N, 4)
        x = x + self.factor  # (N, 4)
        return x - 1  # (N, 4)


# ---- unlabelled ----------------------------------------------------------------------


class Unlabelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.offset1 = nn.Parameter(torch.zeros(4))
        self.conv1 = nn.Conv2d(4, 3, 1)
        self.offset3 = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.offset1[:, None, None]  # (N, 4, 5, 6)
        x = self.conv1(x)  # (N, 3, 5, 6)
        x = x + 0.0  # (N, 3, 5, 6)
        return x + self.offset3[:, None, None]  # (N, 3, 5, 6)


# ---- parameter -----------------------------------------------------------------------


class Branch(nn.Module):
    """The block `branch`."""

    def __init__(self, in_channels: int, width: int, start: float = 0.1) -> None:
        super().__init__()
        self.width = width
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=1)
        self.gamma = nn.Parameter(start * torch.ones(width))
        self.offset2 = nn.ParameterList()
        for _ in range(2):
            self.offset2.append(nn.Parameter(start**2 * torch.ones(width)))
        self.y = nn.ParameterList()
        self.y.append(nn.Parameter(torch.zeros(width)))
        self.y.append(nn.Parameter(start * torch.ones(1)))
        self.register_parameter(f"gain-{width}", nn.Parameter((2 * start) * torch.ones(width)))

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)
        y = y + self.gamma[:, None, None]
        for i in range(2):
            y = F.relu(y + self.offset2[i][:, None, None])
        y = y + self.y[0][:, None, None]
        y = y + self.y[1]
        y = y + getattr(self, f"gain-{self.width}")[:, None, None]
        return y + x


class Parameter(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self, start: float = 0.3) -> None:
        super().__init__()
        self.a = Branch(4, 4, start=start)
        self.b = Branch(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 5, 6)
        return self.b(x)  # (N, 4, 5, 6)


# ---- nested --------------------------------------------------------------------------


class Nested(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self, n: int = 2) -> None:
        super().__init__()
        self.n = n
        self.offset1 = nn.ModuleList()
        for i in range(n):
            self.offset1.append(nn.ParameterList())
            for j in range(3):
                self.offset1[-1].append(nn.Parameter((i + j + 1) * torch.ones(4)))
        for i in range(n):
            if i > 0:
                self.register_parameter(f"z{i}", nn.Parameter(torch.zeros(4)))

    def forward(self, x: Tensor) -> Tensor:
        for i in range(self.n):
            for j in range(3):
                x = x + self.offset1[i][j][:, None, None]  # (N, 4, 5, 6)
        for i in range(self.n):
            x = x + getattr(self, f"z{i}")[:, None, None] if i > 0 else F.relu(x)  # (N, 4, 5, 6)
        return x


# ---- shortcuts -----------------------------------------------------------------------


class Shortcut(nn.Module):
    """The group `shortcut` of `shortcuts`."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.offset1 = nn.Parameter(torch.full((1,), 2.0))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.offset1


class Shortcuts(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1)
        self.gain = nn.Parameter(torch.full((4,), 0.5))
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.shortcut = Shortcut(4)
        self.conv3 = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)  # (N, 4, 5, 6)
        x = y + (x + self.gain[:, None, None])  # (N, 4, 5, 6)
        y = self.conv2(x)  # (N, 4, 5, 6)
        x = y + self.shortcut(x)  # (N, 4, 5, 6)
        y = self.conv3(x)  # (N, 4, 5, 6)
        return y + (x + 0.5)  # (N, 4, 5, 6)


# ---- initial -------------------------------------------------------------------------


class Initial(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.empty(4))
        nn.init.normal_(self.a, std=0.02)
        self.b = nn.Parameter(torch.empty(4, 5, 6))
        nn.init.uniform_(self.b, a=0.5, b=1.5)
        self.c = nn.Parameter(torch.ones(1))
        self.d = nn.Parameter(torch.empty(4))
        nn.init.normal_(self.d, mean=1.0, std=0.1)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.a[:, None, None]  # (N, 4, 5, 6)
        x = x + self.b  # (N, 4, 5, 6)
        x = x + self.c  # (N, 4, 5, 6)
        return x + self.d[:, None, None]  # (N, 4, 5, 6)


# ---- handed --------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Chain(nn.Sequential):
    """The block `chain`."""

    def __init__(self, in_channels: int) -> None:
        super().__init__(nn.Linear(in_channels, 4), Lambda(lambda x: x + 0.5))


class B(nn.Module):
    """The group `b` of `handed`."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(in_channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = x - 0.5
        return self.linear1(x)


class Handed(nn.Module):
    """Maps (N, 6) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Chain(6)
        self.b = B(4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4)
        return self.b(x)  # (N, 3)


# ---- given_constants -----------------------------------------------------------------


class Constants(nn.Module):
    """The block `constants`."""

    def __init__(self, in_channels: int, value: float) -> None:
        super().__init__()
        self.value = value
        self.linear1 = nn.Linear(in_channels, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.value
        return self.linear1(x)


class GivenConstants(nn.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = Constants(6, 2)
        self.b = Constants(4, 0.3333333333333333)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4)
        return self.b(x)  # (N, 4)
