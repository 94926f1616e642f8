"""Helpers that PyTorch lacks. A generated file holds those it uses, with the reason."""

from __future__ import annotations

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Helper:
    """Source of a helper, and the imports it needs."""

    source: str
    needs: tuple[str, ...] = ()


_F = "import torch.nn.functional as F"
_TORCH = "import torch"
_TENSOR = "from torch import Tensor"
_SEQUENCE = "from collections.abc import Sequence"
_CALLABLE = "from collections.abc import Callable"

HELPERS: dict[str, Helper] = {
    "divisible": Helper('''
def divisible(value: float, by: int) -> int:
    """The multiple of `by` nearest to `value`, never under 90% of it."""
    rounded = max(by, int(value + by / 2) // by * by)
    return rounded + by if rounded < 0.9 * value else rounded
'''),
    "same_pad": Helper(
        '''
def same_pad(
    x: Tensor,
    kernel: int | Sequence[int],
    stride: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    value: float = 0.0,
) -> Tensor:
    """Pad as TensorFlow's SAME does: by the size of the input, the odd one at the end."""
    pads: list[int] = []
    for axis in reversed(range(x.dim() - 2)):
        size = x.shape[2 + axis]
        k, s, d = (v if isinstance(v, int) else v[axis] for v in (kernel, stride, dilation))
        total = max((-(-size // s) - 1) * s + d * (k - 1) + 1 - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)
''',
        (_F, _TENSOR, _SEQUENCE),
    ),
    "PositionwiseLinear": Helper(
        '''
class PositionwiseLinear(nn.Linear):
    """A linear layer over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
''',
        (_TENSOR,),
    ),
    "DropPath": Helper(
        '''
class DropPath(nn.Module):
    """Stochastic depth: in training, drops a share of the samples and scales up the others."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = torch.rand((x.shape[0],) + (1,) * (x.dim() - 1), device=x.device) >= self.rate
        return x * kept / (1 - self.rate)
''',
        (_TORCH, _TENSOR),
    ),
    "hard_sigmoid": Helper(
        '''
def hard_sigmoid(x: Tensor) -> Tensor:
    """`F.hardsigmoid`, whose derivative in float64 is a sixth of float32."""
    return F.relu6(x + 3) / 6
''',
        (_F, _TENSOR),
    ),
    "HardSigmoid": Helper(
        '''
class HardSigmoid(nn.Module):
    """The function as a module."""

    def forward(self, x: Tensor) -> Tensor:
        return hard_sigmoid(x)
''',
        (_TENSOR,),
    ),
    "PositionwiseLayerNorm": Helper(
        '''
class PositionwiseLayerNorm(nn.LayerNorm):
    """A layer norm over the channels, at every position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
''',
        (_TENSOR,),
    ),
    "attend": Helper(
        '''
def attend(query: Tensor, key: Tensor, value: Tensor, heads: int = 1) -> Tensor:
    """Attend from the positions of `query` to those of `key`, each group of channels by itself."""
    q, k, v = (t.flatten(2).unflatten(1, (heads, -1)).mT for t in (query, key, value))
    y = F.scaled_dot_product_attention(q, k, v)
    return y.mT.reshape(len(value), -1, *query.shape[2:])
''',
        (_F, _TENSOR),
    ),
    "RelativeAttention": Helper(
        '''
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
''',
        (_F, _TORCH, _TENSOR),
    ),
    "ChannelConv": Helper(
        '''
class ChannelConv(nn.Conv1d):
    """A convolution over the channels of a vector."""

    def __init__(self, kernel_size: int) -> None:
        super().__init__(1, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.flatten(1).unsqueeze(1)).view_as(x)
''',
        (_TENSOR,),
    ),
    "population_batch_norm": Helper(
        '''
def population_batch_norm(
    norm: nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d, x: Tensor
) -> None:
    """Move running statistics towards the batch's, with its variance divided by n, not n - 1."""
    if norm.training and norm.running_mean is not None and norm.running_var is not None:
        axes = [axis for axis in range(x.dim()) if axis != 1]
        with torch.no_grad():
            momentum = norm.momentum or 0.0
            x = x.to(norm.running_mean.dtype)  # autocast hands over shorter numbers
            norm.running_mean.lerp_(x.mean(axes), momentum)
            norm.running_var.lerp_(x.var(axes, unbiased=False), momentum)
''',
        (_TORCH, _TENSOR),
    ),
}

_SIDES = {1: "left, right", 2: "left, right, top, bottom", 3: "of width, of height, of depth"}


def _ranked(rank: int) -> dict[str, Helper]:
    """The helpers that PyTorch has a class for each rank of."""
    one_or_each = "int" if rank == 1 else f"int | tuple[{', '.join(['int'] * rank)}]"
    sides = ", ".join(["int"] * 2 * rank)
    return {
        f"SameConv{rank}d": Helper(
            f'''
class SameConv{rank}d(nn.Conv{rank}d):
    """A convolution with TensorFlow's SAME padding, which PyTorch has at stride 1 alone."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(same_pad(x, self.kernel_size, self.stride, self.dilation))
''',
            (_TENSOR,),
        ),
        f"PaddedConv{rank}d": Helper(
            f'''
class PaddedConv{rank}d(nn.Conv{rank}d):
    """A convolution with other paddings on opposite sides: {_SIDES[rank]}."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: {one_or_each},
        stride: {one_or_each} = 1,
        sides: tuple[{sides}] = ({", ".join("0" * 2 * rank)}),
        dilation: {one_or_each} = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.sides = sides

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.sides))
''',
            (_F, _TENSOR),
        ),
        f"PopulationBatchNorm{rank}d": Helper(
            f'''
class PopulationBatchNorm{rank}d(nn.BatchNorm{rank}d):
    """A batch norm whose running variance is the population's; PyTorch's divides by n - 1."""

    def forward(self, x: Tensor) -> Tensor:
        population_batch_norm(self, x)
        if not self.training:
            return super().forward(x)
        return F.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.eps)
''',
            (_F, _TENSOR),
        ),
    }


def _standardizing(base: str) -> dict[str, Helper]:
    """A convolution with standardized kernels, of any of the classes that a file may have."""
    name = f"Std{base.removeprefix('nn.')}"
    source = f'''
class {name}({base}):
    """A convolution that standardizes its kernels where it uses them (Qiao et al. 2019)."""

    def __init__(self, *arguments: Any, eps: float = 1e-8, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.eps = eps

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return super()._conv_forward(x, standardized(weight, self.eps), bias)
'''
    return {name: Helper(source, (_TENSOR, "from typing import Any"))}


HELPERS["standardized"] = Helper(
    '''
def standardized(weight: Tensor, eps: float) -> Tensor:
    """Kernels with mean 0 and variance 1, each over all its entries."""
    axes = tuple(range(1, weight.dim()))
    mean = weight.mean(axes, keepdim=True)
    variance = weight.var(axes, unbiased=False, keepdim=True)
    return (weight - mean) / torch.sqrt(variance + eps)
''',
    (_TORCH, _TENSOR),
)

for _rank in (1, 2, 3):
    HELPERS |= _ranked(_rank)
    for _base in ("nn.Conv", "SameConv", "PaddedConv"):
        HELPERS |= _standardizing(f"{_base}{_rank}d")

HELPERS |= {
    "pad_channels": Helper(
        '''
def pad_channels(x: Tensor, channels: int) -> Tensor:
    """Append zero channels up to a number of channels."""
    return F.pad(x, (0, 0) * (x.dim() - 2) + (0, channels - x.shape[1]))
''',
        (_F, _TENSOR),
    ),
    "blur_pool": Helper(
        '''
def blur_pool(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Blur with binomial weights and keep every few positions (Zhang 2019)."""
    rank, row = x.dim() - 2, [math.comb(kernel - 1, i) for i in range(kernel)]
    weights = torch.tensor(row, dtype=x.dtype, device=x.device) / 2 ** (kernel - 1)
    blur = weights
    for _ in range(rank - 1):
        blur = blur[..., None] * weights
    x = F.pad(x, ((kernel - 1) // 2, kernel // 2) * rank, mode="reflect")
    convolve = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    blurs = blur.expand(x.shape[1], 1, *blur.shape)
    return convolve(x, blurs, stride=stride, groups=x.shape[1])
''',
        ("import math", _F, _TORCH, _TENSOR),
    ),
    "Lambda": Helper(
        '''
class Lambda(nn.Module):
    """A function as a module, so that it can stand in a sequence."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)
''',
        (_CALLABLE, _TENSOR),
    ),
    "variance_scaling_": Helper(
        '''
def variance_scaling_(
    weight: Tensor, scale: float, fan: str, distribution: str, truncated: bool = False
) -> None:
    """Fill a weight with numbers of variance `scale / fan`."""
    fan_in = weight[0].numel()
    fan_out = weight.shape[0] * weight[0, 0].numel()
    size = {"in": fan_in, "out": fan_out, "average": (fan_in + fan_out) / 2}[fan]
    std = math.sqrt(scale / size)
    if distribution == "uniform":
        nn.init.uniform_(weight, -math.sqrt(3.0) * std, math.sqrt(3.0) * std)
    elif truncated:
        std /= 0.8796256610342398  # what cutting at two standard deviations leaves
        nn.init.trunc_normal_(weight, std=std, a=-2 * std, b=2 * std)
    else:
        nn.init.normal_(weight, std=std)
''',
        ("import math", _TENSOR),
    ),
    "initialized": Helper(
        '''
def initialized(layer: nn.Module, **fills: Callable[[Tensor], object]) -> nn.Module:
    """A layer with its weights filled, as an item of a sequence."""
    for name, fill in fills.items():
        fill(getattr(layer, name))
    return layer
''',
        (_CALLABLE, _TENSOR),
    ),
}

LOAD_WEIGHTS = '''
def load_weights(model: nn.Module, path: str) -> None:
    """Fill a model from canonical weights. An attribute ends in `_` where PyTorch or Python has
    taken the canonical name."""
    weights = load_file(path)
    names = {}
    for name in model.state_dict():
        canonical = ".".join(part.rstrip("_") for part in name.split("."))
        if not canonical.endswith("num_batches_tracked"):
            names[canonical] = name
    if set(names) != set(weights):
        raise ValueError(f"other weights than the model's: {sorted(set(names) ^ set(weights))}")
    model.load_state_dict({names[name]: value for name, value in weights.items()}, strict=False)
'''
