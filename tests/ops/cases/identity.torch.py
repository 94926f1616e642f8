# Written by `make golden` from identity.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 7, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = x  # (N, 4, 5, 6)
        x = self.conv1(a)  # (N, 3, 5, 6)
        b = x  # (N, 3, 5, 6)
        x = F.relu(b)  # (N, 3, 5, 6)
        return torch.cat([a, b], dim=1)  # (N, 7, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear1(x)  # (N, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__(nn.Identity(), nn.Conv2d(4, 3, 1))
