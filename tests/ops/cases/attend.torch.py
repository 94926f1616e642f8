# Written by `make golden` from attend.res: classes and what they use.


# ---- images --------------------------------------------------------------------------


class PositionwiseLinear(nn.Linear):
    """A linear layer over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int = 1) -> Tensor:
    """Attend from the positions of `query` to those of `key`, each group of channels by itself."""
    q, k, v = (t.flatten(2).unflatten(1, (heads, -1)).mT for t in (query, key, value))
    y = F.scaled_dot_product_attention(q, k, v)
    return y.mT.reshape(len(value), -1, *query.shape[2:])


class SelfAttention(nn.Module):
    """The block `self_attention`."""

    def __init__(self, in_channels: int, heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        self.query = PositionwiseLinear(in_channels, in_channels)
        self.key = PositionwiseLinear(in_channels, in_channels)
        self.value = PositionwiseLinear(in_channels, 2 * in_channels)

    def forward(self, x: Tensor) -> Tensor:
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        return attend(query, key, value, heads=self.heads)


class Images(nn.Sequential):
    """Maps (N, 6, 4, 5) to (N, 24, 4, 5)."""

    def __init__(self) -> None:
        super().__init__(SelfAttention(6, heads=3), SelfAttention(12))


# ---- sequences -----------------------------------------------------------------------


class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Sequences(nn.Sequential):
    """Maps (N, 6, 4, 5) to (N, 12, 20)."""

    def __init__(self) -> None:
        super().__init__(Lambda(lambda x: x.reshape(-1, 6, 20)), SelfAttention(6, heads=2))


# ---- distances -----------------------------------------------------------------------


class RelativeAttention(nn.Module):
    """Attention over an image, with learned vectors for how far apart positions are."""

    def __init__(self, channels: int, size: tuple[int, int], heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        wide, std = channels // heads, (channels // heads) ** -0.5
        self.rel_height = nn.Parameter(torch.randn(2 * size[0] - 1, wide) * std)
        self.rel_width = nn.Parameter(torch.randn(2 * size[1] - 1, wide) * std)

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        height, width = query.shape[2:]
        q, k, v = (t.flatten(2).unflatten(1, (self.heads, -1)).mT for t in (query, key, value))
        # From each position as many rows of a table as there are positions, farthest before first.
        down = self.rel_height.unfold(0, height, 1).flip(0)
        across = self.rel_width.unfold(0, width, 1).flip(0)
        image = q.unflatten(2, (height, width))
        rows = torch.einsum("nhyxd,ydk->nhyxk", image, down)
        columns = torch.einsum("nhyxd,xdk->nhyxk", image, across)
        logits = (rows[..., None] + columns[..., None, :]).flatten(4).flatten(2, 3)
        y = F.scaled_dot_product_attention(q, k, v, logits / q.shape[-1] ** 0.5)
        return y.mT.reshape(len(value), -1, height, width)


class SelfAttention(nn.Module):
    """The block `self_attention`."""

    def __init__(self, in_channels: int, heads: int = 1) -> None:
        super().__init__()
        self.query = PositionwiseLinear(in_channels, in_channels)
        self.key = PositionwiseLinear(in_channels, in_channels)
        self.value = PositionwiseLinear(in_channels, 2 * in_channels)
        self.attend1 = RelativeAttention(in_channels, (4, 3), heads=heads)

    def forward(self, x: Tensor) -> Tensor:
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        return self.attend1(query, key, value)


class Distances(nn.Module):
    """Maps (N, 4, 4, 3) to (N, 4, 4, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.self = SelfAttention(4, heads=2)
        self.linear1 = PositionwiseLinear(8, 4)
        self.attention = RelativeAttention(4, (4, 3))

    def forward(self, x: Tensor) -> Tensor:
        x = self.self(x)  # (N, 8, 4, 3)
        x = self.linear1(x)  # (N, 4, 4, 3)
        query = x  # (N, 4, 4, 3)
        return self.attention(query, query, query)  # (N, 4, 4, 3)


# ---- across --------------------------------------------------------------------------


class Across(nn.Module):
    """Maps (N, 6, 4, 5) to (N, 4, 4, 5)."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.value = nn.Conv2d(8, 4, 1)
        self.query = nn.Conv2d(6, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        memory = self.memory(x)  # (N, 8, 2, 3)
        value = self.value(memory)  # (N, 4, 2, 3)
        query = self.query(x)  # (N, 8, 4, 5)
        return attend(query, memory, value, heads=2)  # (N, 4, 4, 5)


# ---- bottlenecks ---------------------------------------------------------------------


class AllToAll(nn.Module):
    """Srinivas et al. 2021: blocks whose images differ from stage to stage, and within one."""

    def __init__(self, in_channels: int, in_size: tuple[int, int], heads: int) -> None:
        super().__init__()
        self.query = nn.Conv2d(in_channels, in_channels, 1, bias=False)
        self.key = nn.Conv2d(in_channels, in_channels, 1, bias=False)
        self.value = nn.Conv2d(in_channels, in_channels, 1, bias=False)
        self.attend1 = RelativeAttention(in_channels, in_size, heads=heads)

    def forward(self, x: Tensor) -> Tensor:
        query = self.query(x)
        key = self.key(x)
        value = self.value(x)
        return self.attend1(query, key, value)


class Bot(nn.Module):
    """The block `bot`."""

    def __init__(
        self, in_channels: int, in_size: tuple[int, int], width: int, stride: int = 1
    ) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(in_channels, width, 1)
        self.mhsa = AllToAll(width, in_size, 2)
        self.conv3 = nn.Conv2d(width, 2 * width, 1)
        self.downsample: nn.Module = nn.Identity()
        if (stride if stride > 1 else 1) != 1 or in_channels != 2 * width:
            self.downsample = nn.Sequential(
                nn.Conv2d(
                    in_channels, 2 * width, 1, stride=stride if stride > 1 else 1, bias=False
                ),
                nn.BatchNorm2d(2 * width),
            )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.conv1(x))
        y = self.mhsa(y)
        if self.stride > 1:
            y = F.avg_pool2d(y, 2, stride=self.stride)
        y = self.conv3(y)
        return F.relu(y + self.downsample(x))


class Bottlenecks(nn.Module):
    """Maps (N, 4, 6, 4) to (N, 12, 3, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.layer1 = nn.Sequential(
            Bot(4, (6, 4), 4, stride=2), *(Bot(8, (3, 2), 4) for _ in range(2))
        )
        self.last = Bot(8, (3, 2), 6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer1(x)  # (N, 8, 3, 2)
        return self.last(x)  # (N, 12, 3, 2)
