# Written by `make golden` from group_norm.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 6, 4, 5) to (N, 6, 4, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.GroupNorm(3, 6)
        self.conv1 = nn.Conv2d(6, 6, 1)
        self.b = nn.GroupNorm(1, 6, eps=0.1)
        nn.init.zeros_(self.b.weight)
        nn.init.normal_(self.b.bias, std=0.1)
        self.group_norm3 = nn.GroupNorm(2, 6, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 4, 5)
        x = self.conv1(x)  # (N, 6, 4, 5)
        x = self.b(x)  # (N, 6, 4, 5)
        return self.group_norm3(x)  # (N, 6, 4, 5)


# ---- numbered ------------------------------------------------------------------------


def initialized(layer: nn.Module, **fills: Callable[[Tensor], object]) -> nn.Module:
    """A layer with its weights filled, as an item of a sequence."""
    for name, fill in fills.items():
        fill(getattr(layer, name))
    return layer


class Numbered(nn.Sequential):
    """Maps (N, 8, 4, 5) to (N, 8, 4, 5)."""

    def __init__(self) -> None:
        super().__init__(
            nn.GroupNorm(4, 8),
            initialized(nn.GroupNorm(2, 8, eps=0.001), weight=partial(nn.init.constant_, val=0.5)),
            nn.GroupNorm(8, 8, eps=0.01, affine=False),
        )


# ---- vectors -------------------------------------------------------------------------


class Vectors(nn.Sequential):
    """Maps (N, 8) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__(nn.GroupNorm(2, 8), nn.Linear(8, 6), nn.GroupNorm(3, 6, affine=False))


# ---- other_ranks ---------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class OtherRanks(nn.Sequential):
    """Maps (N, 8, 2, 3, 4) to (N, 8, 24)."""

    def __init__(self) -> None:
        super().__init__(
            nn.GroupNorm(2, 8), Lambda(lambda x: x.reshape(-1, 8, 24)), nn.GroupNorm(4, 8)
        )
