"""A network computed node by node from its graph: the oracle of the generated code.

Plain PyTorch functions and explicit windows, in whatever precision the tensors have. It knows
nothing of definitions, loops or classes, and shares no code with the backends.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from resdsl.ir.graph import Graph, Node
from resdsl.ops import Op
from resdsl.types import TensorType

Weights = Mapping[str, Tensor]


@dataclass
class Run:
    """One forward pass: weights, mode, masks for dropout, and the new running statistics."""

    weights: Weights
    training: bool = False
    masks: Mapping[str, Tensor] = field(default_factory=dict)
    statistics: dict[str, Tensor] = field(default_factory=dict)
    names: dict[tuple[int, str], str] = field(default_factory=dict)
    #: What every node left, in the order of the graph.
    results: list[tuple[Node, tuple[Tensor, ...]]] = field(default_factory=list)

    def __call__(self, graph: Graph, *inputs: Tensor) -> Tensor | list[Tensor]:
        """The output, or all of several."""
        self.names = {(w.node.output, w.weight.name): w.name for w in graph.weights}
        values = dict(zip((i.value for i in graph.inputs), inputs, strict=True))
        for node in graph.nodes:
            result = OPERATIONS[node.op.name](self, node, *(values[i] for i in node.inputs))
            results = tuple(result) if isinstance(result, tuple | list) else (result,)
            self.results.append((node, results))
            values.update(zip(node.outputs, results, strict=True))
        outputs = [values[value] for value in graph.outputs]
        return outputs[0] if len(outputs) == 1 else outputs

    def name(self, node: Node, weight: str) -> str:
        """The canonical name of a weight that a node uses."""
        return self.names[node.owner.output, weight]

    def weight(self, node: Node, name: str) -> Tensor | None:
        named = self.names.get((node.owner.output, name))
        if named is None:
            return None
        # A layer that runs again finds the statistics that its first run has left.
        return self.statistics.get(named, self.weights[named])


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
    """A batch of noise in the shape of the network's only input."""
    (x,) = random_inputs(graph, batch, dtype)
    return x


def random_inputs(graph: Graph, batch: int = 2, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """A batch of noise for every input."""
    random = torch.Generator().manual_seed(1)
    shapes = [(batch, *type_.shape) for type_ in graph.input_types]
    return [torch.randn(shape, generator=random, dtype=dtype) for shape in shapes]


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


def each(value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else value


def sides(
    pad: object, sizes: tuple[int, ...], kernel: object, stride: object, dilation: object = 1
) -> list[tuple[int, int]]:
    """Before and after for each dimension, from the definitions in the language's reference."""
    rank = len(sizes)
    if isinstance(pad, int):
        return [(pad, pad)] * rank
    if isinstance(pad, tuple):
        return list(zip(pad[::2], pad[1::2], strict=True))
    found = []
    numbers = (each(v, rank) for v in (kernel, stride, dilation))
    for size, k, s, d in zip(sizes, *numbers, strict=True):
        if pad == "valid":
            found.append((0, 0))
        elif pad == "same":
            found.append((d * (k - 1) // 2,) * 2)
        else:
            outputs = math.ceil(size / s)
            total = max(0, (outputs - 1) * s + d * (k - 1) + 1 - size)
            found.append((total // 2, total - total // 2))
    return found


def framed(x: Tensor, around: list[tuple[int, int]], value: float = 0.0) -> Tensor:
    """`x` inside a frame of one number."""
    pairs = list(zip(x.shape[2:], around, strict=True))
    y = x.new_full((*x.shape[:2], *(b + n + a for n, (b, a) in pairs)), value)
    y[(..., *(slice(b, b + n) for n, (b, a) in pairs))] = x
    return y


def pool(x: Tensor, op: Op, reduce: Callable[[Tensor, int], Tensor]) -> Tensor:
    """`reduce` over the part of each window inside the input, and over how many positions it has
    in the padded input."""
    stride, rank = op.kernel if op.stride is None else op.stride, x.dim() - 2
    kernels, strides = each(op.kernel, rank), each(stride, rank)
    around = sides(op.pad, x.shape[2:], op.kernel, stride)

    def count(size: int, before: int, after: int, k: int, s: int) -> int:
        n = (math.ceil if op.ceil else math.floor)((size + before + after - k) / s) + 1
        return n - 1 if op.ceil and (n - 1) * s >= size + before else n

    axes = list(zip(x.shape[2:], around, kernels, strides, strict=True))
    counts = [count(n, *frame, k, s) for n, frame, k, s in axes]
    found = []
    for place in itertools.product(*map(range, counts)):
        inside, counted = [], 1
        for i, (n, (before, after), k, s) in zip(place, axes, strict=True):
            start = i * s - before
            inside.append(slice(max(start, 0), max(start + k, 0)))
            counted *= min(start + k, n + after) - start
        found.append(reduce(x[(..., *inside)].flatten(2), counted))
    return torch.stack(found, dim=-1).reshape(*x.shape[:2], *counts)


# ---- operations ----------------------------------------------------------------------------------


def conv(run: Run, node: Node, x: Tensor) -> Tensor:
    op = node.op
    function = (F.conv1d, F.conv2d, F.conv3d)[x.dim() - 3]
    weight = run.weight(node, "weight")
    if op.name == "conv" and op.standardize:
        flat = weight.flatten(1)
        mean = flat.mean(1, keepdim=True)
        deviation = ((flat - mean) ** 2).mean(1, keepdim=True).add(op.standardize_eps).sqrt()
        weight = ((flat - mean) / deviation).reshape(weight.shape)
    return function(
        framed(x, sides(op.pad, x.shape[2:], op.kernel, op.stride, op.dilation)),
        weight,
        run.weight(node, "bias"),
        stride=op.stride,
        dilation=op.dilation,
        groups=op.groups if op.name == "conv" else x.shape[1],
    )


def conv_transpose(run: Run, node: Node, x: Tensor) -> Tensor:
    """Every entry of the input spreads its multiple of a kernel over the result."""
    op, rank = node.op, x.dim() - 2
    weight, bias = run.weight(node, "weight"), run.weight(node, "bias")
    numbers = [each(v, rank) for v in (op.stride, op.pad, op.output_pad, op.dilation)]
    strides, pads, extras, dilations = numbers
    kernel = weight.shape[2:]
    parts = []
    for group, filters in zip(x.chunk(op.groups, 1), weight.chunk(op.groups, 0), strict=True):
        axes = list(zip(x.shape[2:], kernel, strides, dilations, extras, strict=True))
        whole = [(n - 1) * s + d * (k - 1) + 1 + e for n, k, s, d, e in axes]
        y = x.new_zeros((x.shape[0], filters.shape[1], *whole))
        for place in itertools.product(*map(range, kernel)):
            starts = [i * d for i, d in zip(place, dilations, strict=True)]
            cells = [
                slice(i, i + (n - 1) * s + 1, s)
                for i, n, s in zip(starts, x.shape[2:], strides, strict=True)
            ]
            share = torch.einsum("nc...,co->no...", group, filters[(..., *place)])
            y = y.index_put(
                tuple(torch.meshgrid(*_all_of(y, cells), indexing="ij")), share, accumulate=True
            )
        parts.append(y[(..., *(slice(p, n - p) for p, n in zip(pads, whole, strict=True)))])
    y = torch.cat(parts, 1)
    return y if bias is None else y + along_channels(bias, y)


def _all_of(x: Tensor, cells: list[slice]) -> list[Tensor]:
    """Every index that slices of the positions name, for each dimension of `x`."""
    whole = [slice(None), slice(None), *cells]
    return [torch.arange(n)[part] for n, part in zip(x.shape, whole, strict=True)]


def blur_pool(run: Run, node: Node, x: Tensor) -> Tensor:
    size, stride = node.op.kernel, node.op.stride
    for axis in range(2, x.dim()):
        last, before = x.shape[axis] - 1, (size - 1) // 2
        count = math.ceil(x.shape[axis] / stride)
        blurred = []
        for window in range(count):
            tap = torch.zeros_like(x.select(axis, 0))
            for i in range(size):
                at = abs(window * stride + i - before)
                tap = tap + x.select(axis, min(at, 2 * last - at)) * math.comb(size - 1, i)
            blurred.append(tap / 2 ** (size - 1))
        x = torch.stack(blurred, axis)
    return x


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
        run.statistics[run.name(node, "running_mean")] = (1 - m) * mean + m * batch_mean
        run.statistics[run.name(node, "running_var")] = (1 - m) * var + m * shown
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
    counts = each(node.op.size, x.dim() - 2)

    def cells(n: int, size: int) -> list[slice]:
        return [slice(i * size // n, -(-(i + 1) * size // n)) for i in range(n)]

    windows = itertools.product(*map(cells, counts, x.shape[2:]))
    means = [x[(..., *window)].flatten(2).mean(2) for window in windows]
    return torch.stack(means, -1).reshape(*x.shape[:2], *counts)


def global_pool(run: Run, node: Node, x: Tensor) -> Tensor:
    flat = x.flatten(2)
    y = flat.mean(-1) if node.op.name == "global_avg_pool" else flat.max(-1).values
    return y.reshape(*y.shape, *[1] * (x.dim() - 2)) if node.op.keep else y


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
    return framed(x, sides(node.op.amount, x.shape[2:], 1, 1), node.op.value)


def subsample(run: Run, node: Node, x: Tensor) -> Tensor:
    steps = each(node.op.by, x.dim() - 2)
    return x[(..., *(slice(None, None, step) for step in steps))]


def pad_channels(run: Run, node: Node, x: Tensor) -> Tensor:
    zeros = x.new_zeros((x.shape[0], node.op.to - x.shape[1], *x.shape[2:]))
    return torch.cat([x, zeros], 1)


def x_type(x: Tensor) -> TensorType:
    return TensorType(tuple(x.shape[1:]))


def mul(run: Run, node: Node, *inputs: Tensor) -> Tensor:
    rank = max(t.dim() for t in inputs)
    result = torch.ones((), dtype=inputs[0].dtype)
    for t in inputs:
        result = result * t.reshape(*t.shape, *(1 for _ in range(rank - t.dim())))
    return result


def over(run: Run, node: Node, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Minus the mean over some axes and divided by the deviation."""
    centred = x - x.mean(axes, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(axes, keepdim=True) + node.op.eps)


def affine(run: Run, node: Node, y: Tensor) -> Tensor:
    weight, bias = run.weight(node, "weight"), run.weight(node, "bias")
    return y if weight is None else y * along_channels(weight, y) + along_channels(bias, y)


def layer_norm(run: Run, node: Node, x: Tensor) -> Tensor:
    return affine(run, node, over(run, node, x, (1,)))


def group_norm(run: Run, node: Node, x: Tensor) -> Tensor:
    groups = x.reshape(x.shape[0], node.op.groups, -1)
    return affine(run, node, over(run, node, groups, (2,)).reshape(x.shape))


def upsample(run: Run, node: Node, x: Tensor, like: Tensor | None = None) -> Tensor:
    op, rank = node.op, x.dim() - 2
    by = op.by if isinstance(op.by, tuple) else (op.by,) * rank
    for axis in range(2, rank + 2):
        n = x.shape[axis]
        m = n * by[axis - 2] if like is None else like.shape[axis]
        columns = []
        for i in range(m):
            centre = max((i + 0.5) * n / m - 0.5, 0.0)
            low = i * n // m if op.mode == "nearest" else int(centre)
            share = 0.0 if op.mode == "nearest" else centre - low
            first, second = x.select(axis, low), x.select(axis, min(low + 1, n - 1))
            columns.append(first * (1 - share) + second * share)
        x = torch.stack(columns, axis)
    return x


def attend(run: Run, node: Node, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Head by head, and position by position of the query."""
    heads, found = node.op.heads, []
    d = query.shape[1] // heads
    flat = [t.flatten(2).chunk(heads, 1) for t in (query, key, value)]
    for q, k, v in zip(*flat, strict=True):
        columns = []
        for i in range(q.shape[2]):
            logits = (q[:, :, i, None] * k).sum(1)
            if node.op.relative:
                logits = logits + distances(run, node, q[:, :, i], i, query.shape[2:])
            powers = torch.exp(logits / math.sqrt(d))
            columns.append((v * powers[:, None]).sum(2) / powers.sum(1, keepdim=True))
        found.append(torch.stack(columns, 2))
    return torch.cat(found, 1).reshape(query.shape[0], -1, *query.shape[2:])


def distances(run: Run, node: Node, q: Tensor, number: int, sizes: tuple[int, int]) -> Tensor:
    height, width = sizes
    down, across = run.weight(node, "rel_height"), run.weight(node, "rel_width")
    y, x = divmod(number, width)
    return torch.stack(
        [
            q @ (down[row - y + height - 1] + across[column - x + width - 1])
            for row in range(height)
            for column in range(width)
        ],
        1,
    )


def channel_conv(run: Run, node: Node, x: Tensor) -> Tensor:
    side = node.op.kernel // 2
    weight, row = run.weight(node, "weight"), F.pad(x.flatten(1), (side, side))
    parts = [weight[0, 0, i] * row[:, i : i + x.shape[1]] for i in range(node.op.kernel)]
    return sum(parts[1:], parts[0]).reshape(x.shape)


def reshape(run: Run, node: Node, x: Tensor) -> Tensor:
    return x.reshape(x.shape[0], *node.op.sizes)


def numbers(run: Run, node: Node, x: Tensor) -> Tensor | float:
    if not node.op.learned:
        return node.op.value
    weight = run.weight(node, "")
    return along_channels(weight, x) if node.op.per == "channel" else weight


OPERATIONS: dict[str, Callable[..., Tensor]] = {
    "conv": conv,
    "depthwise": conv,
    "conv_transpose": conv_transpose,
    "blur_pool": blur_pool,
    "linear": linear,
    "batch_norm": batch_norm,
    "lrn": lrn,
    "group_norm": group_norm,
    "layer_norm": layer_norm,
    "upsample": upsample,
    "attend": attend,
    "channel_conv": channel_conv,
    "reshape": reshape,
    "transpose": lambda run, node, x: x.transpose(node.op.one + 1, node.op.other + 1),
    "token": lambda run, node, x: torch.cat(
        [run.weight(node, "").expand(x.shape[0], -1, -1), x], 2
    ),
    "pick": lambda run, node, x: x[:, :, node.op.position],
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
    "scale": lambda run, node, x: x * numbers(run, node, x),
    "offset": lambda run, node, x: x + numbers(run, node, x),
    "flatten": lambda run, node, x: x.flatten(1),
    "pad": pad,
    "split": lambda run, node, x: x.split(node.op.channels(x_type(x)), 1),
    "subsample": subsample,
    "pad_channels": pad_channels,
    "add": lambda run, node, *inputs: sum(inputs[1:], inputs[0]),
    "sub": lambda run, node, x, y: x - y,
    "mul": mul,
    "concat": lambda run, node, *inputs: torch.cat(inputs, 1),
}
