"""A network computed node by node from its graph: the oracle of the generated code.

Plain PyTorch functions and explicit windows, in whatever precision the tensors have. It knows
nothing of definitions, loops or classes, and shares no code with the backends.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from resdsl.ir.graph import Graph, Node
from resdsl.ops import Op

Weights = Mapping[str, Tensor]


@dataclass
class Run:
    """One forward pass: weights, mode, masks for dropout, and the new running statistics."""

    weights: Weights
    training: bool = False
    masks: Mapping[str, Tensor] = field(default_factory=dict)
    statistics: dict[str, Tensor] = field(default_factory=dict)
    names: dict[tuple[int, str], str] = field(default_factory=dict)

    def __call__(self, graph: Graph, x: Tensor) -> Tensor:
        self.names = {(w.node.output, w.weight.name): w.name for w in graph.weights}
        values = {graph.inputs[0].value: x}
        for node in graph.nodes:
            inputs = [values[i] for i in node.inputs]
            values[node.output] = OPERATIONS[node.op.name](self, node, *inputs)
        return values[graph.outputs[0]]

    def weight(self, node: Node, name: str) -> Tensor | None:
        named = self.names.get((node.output, name))
        return None if named is None else self.weights[named]


def random_weights(graph: Graph, seed: int = 0, dtype: torch.dtype = torch.float64) -> Weights:
    """Weights that keep activations near one, and statistics that are not neutral."""
    random = torch.Generator().manual_seed(seed)
    made = {}
    for named in graph.weights:
        shape = named.weight.shape
        values = torch.randn(shape, generator=random, dtype=dtype)
        if named.name.endswith("running_var"):
            values = values.abs() + 0.5
        elif len(shape) > 1:
            values = values / math.sqrt(math.prod(shape[1:]))
        made[named.name] = values
    return made


def random_input(graph: Graph, batch: int = 2, dtype: torch.dtype = torch.float64) -> Tensor:
    """A batch of noise in the shape of the network's input."""
    random = torch.Generator().manual_seed(1)
    return torch.randn((batch, *graph.input_types[0].shape), generator=random, dtype=dtype)


def random_masks(graph: Graph, batch: int = 2) -> dict[str, Tensor]:
    """What stochastic operations keep, ones and zeros by path."""
    random = torch.Generator().manual_seed(7)
    masks = {}
    for node in graph.nodes:
        if node.op.stochastic:
            shape = (batch, *node.op.mask_shape(graph.types[node.output]))
            masks[node.path] = (torch.rand(shape, generator=random) >= node.op.rate).double()
    return masks


# ---- windows -------------------------------------------------------------------------------------


def two(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def four(pad: object, sizes: tuple[int, int], kernel: object, stride: object, dilation: object = 1):
    """Top, bottom, left and right, from the definitions in the language's reference."""
    if isinstance(pad, int):
        return (pad,) * 4
    if isinstance(pad, tuple):
        return pad
    sides = []
    for size, k, s, d in zip(sizes, two(kernel), two(stride), two(dilation), strict=True):
        if pad == "valid":
            sides += [0, 0]
        elif pad == "same":
            sides += [d * (k - 1) // 2] * 2
        else:
            outputs = math.ceil(size / s)
            total = max(0, (outputs - 1) * s + d * (k - 1) + 1 - size)
            sides += [total // 2, total - total // 2]
    return tuple(sides)


def pool(x: Tensor, op: Op, reduce: Callable[[Tensor, int], Tensor]) -> Tensor:
    """`reduce` over the part of each window inside the input, and over how many positions it has
    in the padded input."""
    stride = op.kernel if op.stride is None else op.stride
    (kh, kw), (sh, sw) = two(op.kernel), two(stride)
    height, width = x.shape[2:]
    top, bottom, left, right = four(op.pad, (height, width), op.kernel, stride)

    def count(size: int, before: int, after: int, k: int, s: int) -> int:
        n = (math.ceil if op.ceil else math.floor)((size + before + after - k) / s) + 1
        return n - 1 if op.ceil and (n - 1) * s >= size + before else n

    rows = []
    for i in range(count(height, top, bottom, kh, sh)):
        row = []
        for j in range(count(width, left, right, kw, sw)):
            y0, x0 = i * sh - top, j * sw - left
            inside = x[:, :, max(y0, 0) : max(y0 + kh, 0), max(x0, 0) : max(x0 + kw, 0)]
            counted = (min(y0 + kh, height + bottom) - y0) * (min(x0 + kw, width + right) - x0)
            row.append(reduce(inside.flatten(2), counted))
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2)


# ---- operations ----------------------------------------------------------------------------------


def conv(run: Run, node: Node, x: Tensor) -> Tensor:
    op = node.op
    top, bottom, left, right = four(op.pad, x.shape[2:], op.kernel, op.stride, op.dilation)
    return F.conv2d(
        F.pad(x, (left, right, top, bottom)),
        run.weight(node, "weight"),
        run.weight(node, "bias"),
        stride=op.stride,
        dilation=op.dilation,
        groups=op.groups,
    )


def linear(run: Run, node: Node, x: Tensor) -> Tensor:
    y = torch.einsum("nc...,oc->no...", x, run.weight(node, "weight"))
    bias = run.weight(node, "bias")
    return y if bias is None else y + along_channels(bias, y)


def along_channels(values: Tensor, x: Tensor) -> Tensor:
    return values.reshape(1, -1, *(1 for _ in x.shape[2:]))


def batch_norm(run: Run, node: Node, x: Tensor) -> Tensor:
    op = node.op
    mean, var = run.weight(node, "running_mean"), run.weight(node, "running_var")
    if run.training:
        axes = [axis for axis in range(x.dim()) if axis != 1]
        batch_mean = x.mean(axes)
        batch_var = ((x - along_channels(batch_mean, x)) ** 2).mean(axes)
        n = x.numel() // x.shape[1]
        shown = batch_var if op.variance == "population" else batch_var * n / (n - 1)
        m = op.momentum
        run.statistics[run.names[node.output, "running_mean"]] = (1 - m) * mean + m * batch_mean
        run.statistics[run.names[node.output, "running_var"]] = (1 - m) * var + m * shown
        mean, var = batch_mean, batch_var
    y = (x - along_channels(mean, x)) / torch.sqrt(along_channels(var, x) + op.eps)
    if not op.affine:
        return y
    weight, bias = run.weight(node, "weight"), run.weight(node, "bias")
    return y * along_channels(weight, x) + along_channels(bias, x)


def lrn(run: Run, node: Node, x: Tensor) -> Tensor:
    op = node.op
    reach = op.size // 2
    squares = [
        (x[:, max(c - reach, 0) : c + reach + 1] ** 2).sum(1, keepdim=True)
        for c in range(x.shape[1])
    ]
    return x / (op.k + op.alpha / op.size * torch.cat(squares, 1)) ** op.beta


def max_pool(run: Run, node: Node, x: Tensor) -> Tensor:
    return pool(x, node.op, lambda inside, counted: inside.max(-1).values)


def avg_pool(run: Run, node: Node, x: Tensor) -> Tensor:
    by = node.op.count_pad

    def mean(inside: Tensor, counted: int) -> Tensor:
        return inside.sum(-1) / (counted if by else inside.shape[-1])

    return pool(x, node.op, mean)


def adaptive_avg_pool(run: Run, node: Node, x: Tensor) -> Tensor:
    (rows, columns), (height, width) = two(node.op.size), x.shape[2:]

    def cells(n: int, size: int) -> list[slice]:
        return [slice(i * size // n, -(-(i + 1) * size // n)) for i in range(n)]

    return torch.stack(
        [
            torch.stack([x[:, :, a, b].mean((2, 3)) for b in cells(columns, width)], -1)
            for a in cells(rows, height)
        ],
        -2,
    )


def global_pool(run: Run, node: Node, x: Tensor) -> Tensor:
    flat = x.flatten(2)
    y = flat.mean(-1) if node.op.name == "global_avg_pool" else flat.max(-1).values
    return y[:, :, None, None] if node.op.keep else y


def relu(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.0)


def relu6(x: Tensor) -> Tensor:
    return torch.where(x < 6, relu(x), 6.0)


def gelu(x: Tensor, approximate: str) -> Tensor:
    if approximate == "none":
        return x * (1 + torch.erf(x / math.sqrt(2))) / 2
    return x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


def softmax(run: Run, node: Node, x: Tensor) -> Tensor:
    slices = node.op.slices or x.shape[1]
    parts = x.reshape(x.shape[0], slices, -1, *x.shape[2:])
    powers = torch.exp(parts - parts.amax(1, keepdim=True))
    return (powers / powers.sum(1, keepdim=True)).reshape(x.shape)


def dropout(run: Run, node: Node, x: Tensor) -> Tensor:
    return x * run.masks[node.path] / (1 - node.op.rate) if run.training else x


def pad(run: Run, node: Node, x: Tensor) -> Tensor:
    top, bottom, left, right = node.op.pads()
    n, c, height, width = x.shape
    y = x.new_full((n, c, top + height + bottom, left + width + right), node.op.value)
    y[:, :, top : top + height, left : left + width] = x
    return y


def subsample(run: Run, node: Node, x: Tensor) -> Tensor:
    down, across = two(node.op.by)
    return x[:, :, ::down, ::across]


def pad_channels(run: Run, node: Node, x: Tensor) -> Tensor:
    zeros = x.new_zeros((x.shape[0], node.op.to - x.shape[1], *x.shape[2:]))
    return torch.cat([x, zeros], 1)


def mul(run: Run, node: Node, *inputs: Tensor) -> Tensor:
    rank = max(t.dim() for t in inputs)
    result = torch.ones((), dtype=inputs[0].dtype)
    for t in inputs:
        result = result * t.reshape(*t.shape, *(1 for _ in range(rank - t.dim())))
    return result


OPERATIONS: dict[str, Callable[..., Tensor]] = {
    "conv": conv,
    "linear": linear,
    "batch_norm": batch_norm,
    "lrn": lrn,
    "relu": lambda run, node, x: relu(x),
    "relu6": lambda run, node, x: relu6(x),
    "leaky_relu": lambda run, node, x: torch.where(x > 0, x, node.op.slope * x),
    "silu": lambda run, node, x: x / (1 + torch.exp(-x)),
    "gelu": lambda run, node, x: gelu(x, node.op.approximate),
    "sigmoid": lambda run, node, x: 1 / (1 + torch.exp(-x)),
    "tanh": lambda run, node, x: torch.tanh(x),
    "hard_swish": lambda run, node, x: x * relu6(x + 3) / 6,
    "hard_sigmoid": lambda run, node, x: relu6(x + 3) / 6,
    "softmax": softmax,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "adaptive_avg_pool": adaptive_avg_pool,
    "global_avg_pool": global_pool,
    "global_max_pool": global_pool,
    "dropout": dropout,
    "drop_path": dropout,
    "flatten": lambda run, node, x: x.flatten(1),
    "pad": pad,
    "subsample": subsample,
    "pad_channels": pad_channels,
    "add": lambda run, node, *inputs: sum(inputs[1:], inputs[0]),
    "sub": lambda run, node, x, y: x - y,
    "mul": mul,
    "concat": lambda run, node, *inputs: torch.cat(inputs, 1),
}
