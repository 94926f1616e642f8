# Written by `make golden` from global_max_pool.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x.amax(dim=(2, 3))  # (N, 4)


# ---- kept ----------------------------------------------------------------------------


class Kept(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = x.amax(dim=(2, 3), keepdim=True)  # (N, 4, 1, 1)
        return self.conv1(x).flatten(1)  # (N, 3)


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
        super().__init__(Lambda(lambda x: x.amax(dim=(2, 3))), nn.Linear(4, 3))


# ---- numbered_kept -------------------------------------------------------------------


class NumberedKept(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3, 1, 1)."""

    def __init__(self) -> None:
        super().__init__(Lambda(lambda x: x.amax(dim=(2, 3), keepdim=True)), nn.Conv2d(4, 3, 1))


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(4, 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = x.amax(dim=2, keepdim=True)  # (N, 4, 1)
        x = self.conv1(x)  # (N, 5, 1)
        return x.amax(dim=2)  # (N, 5)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 3, 5, 2) to (N, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(4, 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = x.amax(dim=(2, 3, 4), keepdim=True)  # (N, 4, 1, 1, 1)
        x = self.conv1(x)  # (N, 5, 1, 1, 1)
        return x.amax(dim=(2, 3, 4))  # (N, 5)
