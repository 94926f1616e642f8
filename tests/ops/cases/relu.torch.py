# Written by `make golden` from relu.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(x)  # (N, 4, 5, 6)
        return F.relu(self.b(x))  # (N, 4, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x)  # (N, 6)


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
            nn.ReLU(),
            nn.Conv2d(4, 3, 1),
            nn.ReLU(),
            Lambda(lambda x: x.mean(dim=(2, 3))),
            nn.ReLU(),
        )
