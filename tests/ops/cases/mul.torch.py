# Written by `make golden` from mul.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 4, 5, 6)
        b = F.relu(a)  # (N, 4, 5, 6)
        y = a * b  # (N, 4, 5, 6)
        return y * x  # (N, 4, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 4, 5, 6)
        b = a.mean(dim=(2, 3))  # (N, 4)
        return a * b[:, :, None, None]  # (N, 4, 5, 6)


# ---- vector_first --------------------------------------------------------------------


class VectorFirst(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 4, 5, 6)
        b = a.mean(dim=(2, 3))  # (N, 4)
        return b[:, :, None, None] * a  # (N, 4, 5, 6)


# ---- vectors -------------------------------------------------------------------------


class Vectors(nn.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6)
        y = F.relu(x)  # (N, 6)
        return x * y  # (N, 6)


# ---- one_position --------------------------------------------------------------------


class OnePosition(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 4, 5, 6)
        b = a.mean(dim=(2, 3), keepdim=True)  # (N, 4, 1, 1)
        return b * a  # (N, 4, 5, 6)


# ---- rows ----------------------------------------------------------------------------


class Rows(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 4, 5, 6)
        b = F.avg_pool2d(a, (5, 1))  # (N, 4, 1, 6)
        return b * a  # (N, 4, 5, 6)


# ---- several -------------------------------------------------------------------------


class Several(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 4, 5, 6)
        rows = F.avg_pool2d(a, (5, 1))  # (N, 4, 1, 6)
        columns = F.avg_pool2d(a, (1, 6))  # (N, 4, 5, 1)
        vector = columns.mean(dim=(2, 3))  # (N, 4)
        return rows * vector[:, :, None, None] * vector[:, :, None, None] * columns  # (N, 4, 5, 6)


# ---- sums ----------------------------------------------------------------------------


class Sums(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 4, 5, 6)
        s = a + x  # (N, 4, 5, 6)
        v = s.mean(dim=(2, 3))  # (N, 4)
        return s * v[:, :, None, None] * a  # (N, 4, 5, 6)


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 4, 9)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        y = x.mean(dim=2)  # (N, 4)
        y = y[:, :, None] * x  # (N, 4, 9)
        z = y.amax(dim=2, keepdim=True)  # (N, 4, 1)
        return y * z  # (N, 4, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 3, 2, 3) to (N, 4, 3, 2, 3)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        y = x.mean(dim=(2, 3, 4))  # (N, 4)
        y = y[:, :, None, None, None] * x  # (N, 4, 3, 2, 3)
        z = y.amax(dim=(2, 3, 4), keepdim=True)  # (N, 4, 1, 1, 1)
        return y * z  # (N, 4, 3, 2, 3)
