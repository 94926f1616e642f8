# Written by `make golden` from hard_sigmoid.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


def hard_sigmoid(x: Tensor) -> Tensor:
    """`F.hardsigmoid`, whose derivative in float64 is a sixth of float32."""
    return F.relu6(x + 3) / 6


class Labelled(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 4, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = hard_sigmoid(x)  # (N, 4, 5, 6)
        return hard_sigmoid(self.b(x))  # (N, 4, 5, 6)


# ---- vector --------------------------------------------------------------------------


class Vector(nn.Module):
    """Maps (N, 6) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return hard_sigmoid(x)  # (N, 6)


# ---- numbered ------------------------------------------------------------------------


class HardSigmoid(nn.Module):
    """The function as a module."""

    def forward(self, x: Tensor) -> Tensor:
        return hard_sigmoid(x)


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
            HardSigmoid(),
            nn.Conv2d(4, 3, 1),
            HardSigmoid(),
            Lambda(lambda x: x.mean(dim=(2, 3))),
            HardSigmoid(),
        )
