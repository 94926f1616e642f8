# Written by `make golden` from concat.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 9, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 2, 3, padding=1)
        self.b = nn.Conv2d(2, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 2, 5, 6)
        b = self.b(a)  # (N, 3, 5, 6)
        return torch.cat([a, x, b], dim=1)  # (N, 9, 5, 6)


# ---- vectors -------------------------------------------------------------------------


class Vectors(nn.Module):
    """Maps (N, 6) to (N, 9)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)  # (N, 3)
        return torch.cat([y, x], dim=1)  # (N, 9)


# ---- bodies --------------------------------------------------------------------------


class Bodies(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 6, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        z = F.relu(self.conv1(x))  # (N, 2, 5, 6)
        return torch.cat([x, z], dim=1)  # (N, 6, 5, 6)


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 8, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(x)  # (N, 4, 9)
        return torch.cat([y, x], dim=1)  # (N, 8, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 3, 2, 3) to (N, 8, 3, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(x)  # (N, 4, 3, 2, 3)
        return torch.cat([y, x], dim=1)  # (N, 8, 3, 2, 3)
