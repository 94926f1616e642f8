"""The network of `small.res` as somebody else has written it in PyTorch: other names, registered in
another order, blocks whose parts run in neither. `late` is an epsilon of the last batch norm."""

from torch import Tensor, nn
from torch.nn import functional as F


class Unit(nn.Module):
    def __init__(
        self, width: int, out: int, size: int, stride: int = 1, bias: bool = False
    ) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(out)
        self.kernel = nn.Conv2d(width, out, size, stride, size // 2, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.kernel(x))


class Block(nn.Module):
    def __init__(self, width: int, out: int, stride: int) -> None:
        super().__init__()
        self.second = Unit(out, out, 3)
        self.first = Unit(width, out, 3, stride)
        self.side = Unit(width, out, 1, stride) if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        side = x if self.side is None else self.side(x)
        return F.relu(side + self.second(F.relu(self.first(x))))


class Port(nn.Module):
    def __init__(self, late: float = 1e-5, classes: int = 10) -> None:
        super().__init__()
        self.head = nn.Linear(16, classes)
        self.forget = nn.Dropout(0.3)
        self.upper = Block(8, 16, 2)
        self.lower = Block(8, 8, 1)
        self.stem = Unit(3, 8, 3, bias=True)
        self.upper.second.norm.eps = late

    def forward(self, images: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.stem(images)), 3, 2, 1)
        x = self.upper(self.lower(x)).mean((2, 3))
        return self.head(self.forget(x))
