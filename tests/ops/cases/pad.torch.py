# Written by `make golden` from pad.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3, 10, 11)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (1, 1, 1, 1))  # (N, 4, 7, 8)
        x = F.pad(x, (0, 3, 1, 2), value=2.5)  # (N, 4, 10, 11)
        return self.conv1(x)  # (N, 3, 10, 11)


# ---- nothing -------------------------------------------------------------------------


class Nothing(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (0, 0, 0, 0))  # (N, 4, 5, 6)
        return self.conv1(x)  # (N, 3, 5, 6)


# ---- numbered ------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3, 12, 13)."""

    def __init__(self) -> None:
        super().__init__(
            Lambda(lambda x: F.pad(x, (2, 2, 2, 2))),
            nn.Conv2d(4, 3, 1),
            Lambda(lambda x: F.pad(x, (0, 3, 1, 2), value=-1.5)),
        )


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 4, 14)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (1, 2))  # (N, 4, 12)
        return F.pad(x, (1, 1), value=0.5)  # (N, 4, 14)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 3, 2, 3, 2) to (N, 3, 5, 8, 7)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (0, 3, 2, 1, 1, 0), value=2)  # (N, 3, 3, 6, 5)
        return F.pad(x, (1, 1, 1, 1, 1, 1))  # (N, 3, 5, 8, 7)
