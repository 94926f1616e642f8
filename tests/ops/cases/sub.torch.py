# Written by `make golden` from sub.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        a = self.a(x)  # (N, 4, 5, 6)
        b = F.relu(a)  # (N, 4, 5, 6)
        y = b - a  # (N, 4, 5, 6)
        return y - x  # (N, 4, 5, 6)


# ---- bodies --------------------------------------------------------------------------


class Bodies(nn.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(6, 4)
        self.linear2 = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.linear1(x)  # (N, 4)
        z = F.relu(self.linear2(x))  # (N, 4)
        return y - z  # (N, 4)
