# Written by `make golden` from transpose.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class PositionwiseLinear(nn.Linear):
    """A linear layer over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Labelled(nn.Module):
    """Maps (N, 6, 4, 5) to (N, 7, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(6, 3, 3, padding=1)
        self.linear1 = PositionwiseLinear(4, 4)
        self.linear2 = PositionwiseLinear(15, 7)

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(2, 3)  # (N, 6, 5, 4)
        x = self.conv1(x)  # (N, 3, 5, 4)
        x = x.transpose(1, 3)  # (N, 4, 5, 3)
        x = self.linear1(x)  # (N, 4, 5, 3)
        x = x.reshape(-1, 4, 15)  # (N, 4, 15)
        x = x.transpose(1, 2)  # (N, 15, 4)
        return self.linear2(x)  # (N, 7, 4)


# ---- numbered ------------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Numbered(nn.Sequential):
    """Maps (N, 6, 4, 5) to (N, 3, 4)."""

    def __init__(self) -> None:
        super().__init__(
            Lambda(lambda x: x.transpose(1, 2)),
            nn.Conv2d(4, 3, 3, padding=1),
            Lambda(lambda x: x.flatten(1).unflatten(1, (3, -1))),
            Lambda(lambda x: x.transpose(1, 2)),
            PositionwiseLinear(30, 4),
            Lambda(lambda x: x.transpose(2, 1)),
        )


# ---- mlp_mixer -----------------------------------------------------------------------


class PositionwiseLayerNorm(nn.LayerNorm):
    """A layer norm over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Mixer(nn.Module):
    """Tolstikhin et al. 2021: tokens are mixed, then channels."""

    def __init__(self, in_channels: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = PositionwiseLayerNorm(in_channels)
        self.fc1 = PositionwiseLinear(12, hidden)
        self.fc2 = PositionwiseLinear(hidden, 12)
        self.norm2 = PositionwiseLayerNorm(5)
        self.fc3 = PositionwiseLinear(5, hidden)
        self.fc4 = PositionwiseLinear(hidden, in_channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(x)
        y = y.transpose(1, 2)
        y = F.relu(self.fc1(y))
        y = self.fc2(y)
        y = y.transpose(1, 2)
        x = y + x
        y = self.norm2(x)
        y = F.relu(self.fc3(y))
        y = self.fc4(y)
        return y + x


class MlpMixer(nn.Module):
    """Maps (N, 3, 6, 8) to (N, 5, 12)."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 5, 2, stride=2)
        self.mixer1 = Mixer(5, 7)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x)  # (N, 5, 3, 4)
        x = x.reshape(-1, 5, 12)  # (N, 5, 12)
        return self.mixer1(x)  # (N, 5, 12)
