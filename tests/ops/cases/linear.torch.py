# Written by `make golden` from linear.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class Labelled(nn.Module):
    """Maps (N, 7) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(7, 5)
        self.b = nn.Linear(5, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 5)
        return self.b(x)  # (N, 3)


# ---- image ---------------------------------------------------------------------------


class PositionwiseLinear(nn.Linear):
    """A linear layer over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Image(nn.Module):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = PositionwiseLinear(4, 5)
        self.linear2 = PositionwiseLinear(5, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 5, 5, 6)
        return self.linear2(x)  # (N, 3, 5, 6)


# ---- numbered ------------------------------------------------------------------------


class Numbered(nn.Sequential):
    """Maps (N, 7) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__(nn.Linear(7, 5), nn.Linear(5, 3, bias=False))


# ---- numbered_image ------------------------------------------------------------------


class NumberedImage(nn.Sequential):
    """Maps (N, 4, 5, 6) to (N, 3, 5, 6)."""

    def __init__(self) -> None:
        super().__init__(PositionwiseLinear(4, 5), PositionwiseLinear(5, 3, bias=False))


# ---- initial -------------------------------------------------------------------------


def initialized(layer: nn.Module, **fills: Callable[[Tensor], object]) -> nn.Module:
    """A layer with its weights filled, as an item of a sequence."""
    for name, fill in fills.items():
        fill(getattr(layer, name))
    return layer


class Initial(nn.Sequential):
    """Maps (N, 7) to (N, 3)."""

    def __init__(self) -> None:
        super().__init__(
            initialized(nn.Linear(7, 5), weight=nn.init.zeros_, bias=nn.init.zeros_),
            initialized(
                nn.Linear(5, 3),
                weight=nn.init.xavier_uniform_,
                bias=partial(nn.init.normal_, std=0.1),
            ),
        )


# ---- length --------------------------------------------------------------------------


class Length(nn.Module):
    """Maps (N, 4, 9) to (N, 3, 9)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = PositionwiseLinear(4, 5)
        self.linear2 = PositionwiseLinear(5, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 5, 9)
        return self.linear2(x)  # (N, 3, 9)


# ---- volume --------------------------------------------------------------------------


class Volume(nn.Module):
    """Maps (N, 4, 2, 3, 2) to (N, 3, 2, 3, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = PositionwiseLinear(4, 5)
        self.linear2 = PositionwiseLinear(5, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 5, 2, 3, 2)
        return self.linear2(x)  # (N, 3, 2, 3, 2)
