# Written by `make golden` from add.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 4, 5, 6)
        b = F.relu(a)  # (N, 4, 5, 6)
        y = a + b + x  # (N, 4, 5, 6)
        return y + a  # (N, 4, 5, 6)


# ---- vectors -------------------------------------------------------------------------


class Vectors(nn.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(6, 6)
        self.linear2 = nn.Linear(6, 6, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6)
        y = self.linear2(x)  # (N, 6)
        z = F.relu(x)  # (N, 6)
        return y + z  # (N, 6)


# ---- bodies --------------------------------------------------------------------------


class Bodies(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 2, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 2, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)  # (N, 2, 5, 6)
        z = F.relu(self.conv2(x))  # (N, 2, 5, 6)
        return y + z  # (N, 2, 5, 6)


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 4, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(x)  # (N, 4, 9)
        return y + x  # (N, 4, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 3, 2, 3) to (N, 4, 3, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(x)  # (N, 4, 3, 2, 3)
        return y + x  # (N, 4, 3, 2, 3)
