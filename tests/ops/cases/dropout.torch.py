# Written by `make golden` from dropout.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Dropout(0.3)
        self.conv1 = nn.Conv2d(4, 3, 1)
        self.dropout2 = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 4, 5, 6)
        return self.dropout2(self.conv1(x))  # (N, 3, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Dropout(0)
        self.linear1 = nn.Linear(6, 4)
        self.dropout2 = nn.Dropout(0.9)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6)
        return self.dropout2(self.linear1(x))  # (N, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__(nn.Dropout(0.2), nn.Conv2d(4, 3, 1), nn.Dropout(0.5))


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 4, 9)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Dropout(0.3)

    def forward(self, x: Tensor) -> Tensor:
        return self.a(x)  # (N, 4, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 3, 2, 3) to (N, 4, 3, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Dropout(0.3)

    def forward(self, x: Tensor) -> Tensor:
        return self.a(x)  # (N, 4, 3, 2, 3)
