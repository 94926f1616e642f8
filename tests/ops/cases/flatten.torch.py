# Written by `make golden` from flatten.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 3, 5) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(4 * 3 * 5, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1)  # (N, 60)
        return self.linear1(x)  # (N, 4)


# ---- one_position --------------------------------------------------------------------


class OnePosition(nn.Module):
    """Maps (N, 4, 3, 5) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = x.mean(dim=(2, 3), keepdim=True).flatten(1)  # (N, 4)
        return self.linear1(x)  # (N, 4)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1)  # (N, 6)
        return self.linear1(x)  # (N, 4)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 4, 3, 5) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__(nn.Flatten(), nn.Linear(4 * 3 * 5, 4))


# ---- numbered_one_position -----------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class NumberedOnePosition(nn.Sequential):
    """Maps (N, 4, 3, 5) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__(
            Lambda(lambda x: x.mean(dim=(2, 3), keepdim=True)), nn.Flatten(), nn.Linear(4, 4)
        )


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 3) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(4 * 3, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1)  # (N, 12)
        return self.linear1(x)  # (N, 4)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 3, 2, 2) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(4 * 3 * 2 * 2, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1)  # (N, 48)
        return self.linear1(x)  # (N, 4)


# ---- line ----------------------------------------------------------------------------


class Line(nn.Sequential):
    """Maps (N, 4, 7) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__(nn.Conv1d(4, 3, 7), nn.Flatten())
