# Written by `make golden` from token.res: classes and what they use.


# ---- labelled ------------------------------------------------------------------------


class PositionwiseLinear(nn.Linear):
    """A linear layer over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class Labelled(nn.Module):
    """Maps (N, 6, 12) to (N, 5, 18)."""

    def __init__(self) -> None:
        super().__init__()
        self.class_ = nn.Parameter(torch.zeros(6, 1))
        self.linear1 = PositionwiseLinear(6, 5)
        self.more = nn.Parameter(torch.empty(5, 3))
        nn.init.normal_(self.more, std=0.5)
        self.token3 = nn.Parameter(torch.full((5, 2), 0.5))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.class_.expand(x.shape[0], -1, -1), x], dim=2)  # (N, 6, 13)
        x = self.linear1(x)  # (N, 5, 13)
        x = torch.cat([self.more.expand(x.shape[0], -1, -1), x], dim=2)  # (N, 5, 16)
        return torch.cat([self.token3.expand(x.shape[0], -1, -1), x], dim=2)  # (N, 5, 18)


# ---- by_parameter --------------------------------------------------------------------


class WithToken(nn.Module):
    """The block `with_token`."""

    def __init__(self, in_channels: int, count: int) -> None:
        super().__init__()
        self.prompt = nn.Parameter(torch.zeros(in_channels, count))
        self.mix = PositionwiseLinear(in_channels, in_channels)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.prompt.expand(x.shape[0], -1, -1), x], dim=2)
        return self.mix(x)


class ByParameter(nn.Sequential):
    """Maps (N, 6, 4) to (N, 3, 7)."""

    def __init__(self) -> None:
        super().__init__(WithToken(6, 1), PositionwiseLinear(6, 3), WithToken(3, 2))


# ---- vit -----------------------------------------------------------------------------


class PositionwiseLayerNorm(nn.LayerNorm):
    """A layer norm over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int = 1) -> Tensor:
    """Attend from the positions of `query` to those of `key`, each group of channels by itself."""
    q, k, v = (t.flatten(2).unflatten(1, (heads, -1)).mT for t in (query, key, value))
    y = F.scaled_dot_product_attention(q, k, v)
    return y.mT.reshape(len(value), -1, *query.shape[2:])


class Encoder(nn.Module):
    """Dosovitskiy et al. 2021, small."""

    def __init__(self, in_channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ln_1 = PositionwiseLayerNorm(in_channels, eps=1e-06)
        self.query = PositionwiseLinear(in_channels, in_channels)
        self.key = PositionwiseLinear(in_channels, in_channels)
        self.value = PositionwiseLinear(in_channels, in_channels)
        self.out_proj = PositionwiseLinear(in_channels, in_channels)
        self.ln_2 = PositionwiseLayerNorm(in_channels, eps=1e-06)
        self.mlp = nn.Sequential(
            PositionwiseLinear(in_channels, 2 * in_channels),
            nn.GELU(),
            PositionwiseLinear(2 * in_channels, in_channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        start = y
        query = self.query(start)
        key = self.key(start)
        value = self.value(start)
        y = attend(query, key, value, heads=self.heads)
        y = self.out_proj(y)
        x = y + x
        y = self.ln_2(x)
        y = self.mlp(y)
        return y + x


class Vit(nn.Module):
    """Maps (N, 3, 8, 6) to (N, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_proj = nn.Conv2d(3, 8, 2, stride=2)
        self.class_token = nn.Parameter(torch.zeros(8, 1))
        self.pos_embedding = nn.Parameter(torch.empty(8, 13))
        nn.init.normal_(self.pos_embedding, std=0.02)
        layers: list[nn.Module] = []
        channels = 8
        for _ in range(2):
            layers.append(Encoder(channels, 2))
        self.layers = nn.Sequential(*layers)
        self.ln = PositionwiseLayerNorm(channels, eps=1e-06)
        self.head = nn.Linear(channels, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_proj(x)  # (N, 8, 4, 3)
        x = x.flatten(1).unflatten(1, (8, -1))  # (N, 8, 12)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], dim=2)  # (N, 8, 13)
        x = x + self.pos_embedding  # (N, 8, 13)
        x = self.layers(x)  # (N, 8, 13)
        x = self.ln(x)  # (N, 8, 13)
        x = x[:, :, 0]  # (N, 8)
        return self.head(x)  # (N, 5)
