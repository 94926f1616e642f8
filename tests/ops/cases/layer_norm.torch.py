# Written by `make golden` from layer_norm.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class PositionwiseLayerNorm(nn.LayerNorm):
    """A layer norm over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Labelled(nn.Module):
    """Maps (N, 6, 4, 5) to (N, 5, 4, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = PositionwiseLayerNorm(6)
        self.conv1 = nn.Conv2d(6, 5, 1)
        self.b = PositionwiseLayerNorm(5, eps=0.1)
        nn.init.zeros_(self.b.weight)
        nn.init.normal_(self.b.bias, std=0.1)
        self.layer_norm3 = PositionwiseLayerNorm(5, elementwise_affine=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 6, 4, 5)
        x = self.conv1(x)  # (N, 5, 4, 5)
        x = self.b(x)  # (N, 5, 4, 5)
        return self.layer_norm3(x)  # (N, 5, 4, 5)


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
            PositionwiseLayerNorm(8),
            initialized(
                PositionwiseLayerNorm(8, eps=1e-06), weight=partial(nn.init.constant_, val=0.5)
            ),
            PositionwiseLayerNorm(8, eps=0.01, elementwise_affine=False),
        )


# ---- vectors -------------------------------------------------------------------------


class Vectors(nn.Module):
    """Maps (N, 8) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.LayerNorm(8)
        self.linear1 = nn.Linear(8, 6)
        self.layer_norm2 = nn.LayerNorm(6, elementwise_affine=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.a(x)  # (N, 8)
        x = self.linear1(x)  # (N, 6)
        return self.layer_norm2(x)  # (N, 6)


# ---- vectors_in_a_row ----------------------------------------------------------------


class VectorsInARow(nn.Sequential):
    """Maps (N, 8) to (N, 6)."""

    def __init__(self) -> None:
        super().__init__(nn.LayerNorm(8, eps=1e-06), nn.Linear(8, 6), nn.LayerNorm(6))


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
            PositionwiseLayerNorm(8),
            Lambda(lambda x: x.reshape(-1, 8, 24)),
            PositionwiseLayerNorm(8),
        )
