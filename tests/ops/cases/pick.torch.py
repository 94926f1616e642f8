# Written by `make golden` from pick.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 6, 4, 5) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(18, 3)

    def forward(self, x: Tensor) -> Tensor:
        sequence = x.reshape(-1, 6, 20)  # (N, 6, 20)
        first = sequence[:, :, 0]  # (N, 6)
        other = sequence[:, :, 3]  # (N, 6)
        last = sequence[:, :, -1]  # (N, 6)
        x = torch.cat([first, other, last], dim=1)  # (N, 18)
        return self.linear1(x)  # (N, 3)


# ---- numbered ------------------------------------------------------------------------


class PositionwiseLinear(nn.Linear):
    """A linear layer over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 6, 4, 5) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__(
            Lambda(lambda x: x.reshape(-1, 6, 20)),
            PositionwiseLinear(6, 4),
            Lambda(lambda x: x[:, :, 2]),
            nn.Linear(4, 3),
        )
