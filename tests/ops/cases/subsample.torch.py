# Written by `make golden` from subsample.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 4, 9, 11) to (N, 4, 5, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, ::2, ::2]  # (N, 4, 5, 6)
        return x[:, :, ::1, ::3]  # (N, 4, 5, 2)


# ---- nothing -------------------------------------------------------------------------


class Nothing(nn.Module):
    """Maps (N, 6) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear1(x)  # (N, 3)


# ---- numbered ------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 4, 9, 11) to (N, 4, 2, 6)."""

    def __init__(self) -> None:
        super().__init__(Lambda(lambda x: x[:, :, ::2, ::2]), Lambda(lambda x: x[:, :, ::3, ::1]))


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 4, 5)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, ::2]  # (N, 4, 5)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 5, 6, 7) to (N, 4, 3, 2, 2)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, ::1, ::2, ::3]  # (N, 4, 5, 3, 3)
        return x[:, :, ::2, ::2, ::2]  # (N, 4, 3, 2, 2)
