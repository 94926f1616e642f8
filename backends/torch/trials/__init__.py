"""Single operations under many meanings, in PyTorch and float64: what parity finds causes with.

Written from the language's reference, operation by operation, and not from the printed source: a
trial without a twist is the third opinion in a dispute between two backends. Imported by a worker
process only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from resdsl.codegen.runtime import Array, Arrays
from resdsl.codegen.trial import GRADIENT, STATISTIC, VALUE, WEIGHT, Step, Trial

from . import entries, norms, shapes, windows
from .call import Call

Function: TypeAlias = "Callable[..., Tensor | tuple[Tensor, ...]]"

ACTIVATIONS = (
    *("relu", "relu6", "leaky_relu", "silu", "gelu", "sigmoid", "tanh"),
    *("hard_swish", "hard_sigmoid"),
)

FUNCTIONS: Mapping[str, Function] = {
    **dict.fromkeys(ACTIVATIONS, entries.activation),
    **dict.fromkeys(("add", "sub", "mul", "concat"), shapes.joined),
    **dict.fromkeys(("conv", "depthwise"), windows.conv),
    **dict.fromkeys(("dropout", "drop_path"), entries.dropout),
    **dict.fromkeys(("scale", "offset"), entries.scalars),
    **dict.fromkeys(("global_avg_pool", "global_max_pool"), windows.global_pool),
    "softmax": entries.softmax,
    "batch_norm": norms.batch_norm,
    "group_norm": norms.group_norm,
    "layer_norm": norms.layer_norm,
    "lrn": norms.lrn,
    "conv_transpose": windows.conv_transpose,
    "max_pool": windows.max_pool,
    "avg_pool": windows.avg_pool,
    "blur_pool": windows.blur_pool,
    "adaptive_avg_pool": windows.adaptive_avg_pool,
    "pad": windows.pad,
    "subsample": windows.subsample,
    "upsample": windows.upsample,
    "linear": shapes.linear,
    "flatten": shapes.flatten,
    "reshape": shapes.reshape,
    "transpose": shapes.transpose,
    "token": shapes.token,
    "pick": shapes.pick,
    "split": shapes.split,
    "pad_channels": shapes.pad_channels,
    "channel_conv": shapes.channel_conv,
    "attend": shapes.attend,
    "identity": lambda call, x: x,
}

#: Bits of the fraction that a number keeps, and what a result is rounded to.
FRACTIONS = {"tf32": 10, "bfloat16": 7, "float16": 10, "float32": 23}
RESULTS = {"tf32": "float32", "bfloat16": "bfloat16", "float16": "float16", "float32": "float32"}


def evaluate(trial: Trial, arrays: Arrays) -> Array:
    """The number that a trial asks for. Raises `RuntimeError` where a twist does not fit."""
    held = {name: _tensor(array) for name, array in arrays.items()}
    kind, name = trial.wanted.kind, trial.wanted.name
    asked: Tensor | None = None
    if kind in (GRADIENT, WEIGHT):
        key = f"value/{name}" if kind == GRADIENT else f"weight/{name}"
        asked = held[key] = held[key].requires_grad_()
    values = {k.partition("/")[2]: v for k, v in held.items() if k.startswith("value/")}
    given = frozenset(values)
    statistics: dict[str, Tensor] = {}
    for step in trial.steps:
        call = Call(step, trial.training, held, statistics)
        results = _outcome(call, *(values[i] for i in step.inputs))
        for output, result in zip(step.outputs, results, strict=True):
            if output not in given or kind == VALUE:
                values[output] = result
            # A value that is given stands for what comes behind, and the gradient is sent to it.
            values[f"made {output}"] = result
    if kind == STATISTIC:
        return _array(statistics[name])
    if asked is None:
        return _array(values[name])
    return _gradient(asked, values, held)


def _gradient(asked: Tensor, values: dict[str, Tensor], held: dict[str, Tensor]) -> Array:
    total = asked.new_zeros(())
    for key, sent in held.items():
        kind, _, name = key.partition("/")
        if kind == "sent" and f"made {name}" in values:
            made = values[f"made {name}"]
            if made.shape != sent.shape:
                raise RuntimeError(f"{tuple(made.shape)} is not {tuple(sent.shape)}")
            total = total + (made * sent).sum()
    if total.grad_fn is None:
        return _array(torch.zeros_like(asked))
    (found,) = torch.autograd.grad(total, asked, allow_unused=True)
    return _array(torch.zeros_like(asked) if found is None else found)


def _outcome(call: Call, *inputs: Tensor) -> tuple[Tensor, ...]:
    """All results of one step under its twist."""
    twist = call.twist
    if twist("missing"):
        return inputs[:1]
    precision = twist("precision")
    if precision is not None:
        inputs = tuple(rounded(x, precision) for x in inputs)
        call = _rounded_weights(call, precision)
    if twist("input through") is not None:
        inputs = (entries.CURVES[twist("input through")](inputs[0]), *inputs[1:])
    results = FUNCTIONS[call.op.name](call, *inputs)
    found = results if isinstance(results, tuple) else (results,)
    if precision is not None:
        found = tuple(rounded(y, RESULTS[precision]) for y in found)
    if twist("then") is not None:
        found = tuple(entries.CURVES[twist("then")](y) for y in found)
    if twist("times") is not None:
        found = tuple(y * twist("times") for y in found)
    if twist("gradient times") is not None:
        factor = twist("gradient times")
        found = tuple(y.detach() + (y - y.detach()) * factor for y in found)
    return found


def _rounded_weights(call: Call, precision: str) -> Call:
    own = {f"weight/{name}" for name in call.step.weights.values()}
    held = {k: rounded(v, precision) if k in own else v for k, v in call.held.items()}
    return Call(call.step, call.training, held, call.statistics)


def rounded(x: Tensor, precision: str) -> Tensor:
    """To the nearest number of that precision, ties to even; its gradient passes as it is."""
    if precision == "tf32":
        # In float32, the last 13 bits of the fraction are rounded away.
        bits = x.detach().float().contiguous().view(torch.int32)
        drop = 23 - FRACTIONS["tf32"]
        half = (1 << (drop - 1)) - 1 + ((bits >> drop) & 1)
        near = (((bits + half) >> drop) << drop).view(torch.float32).double()
    else:
        near = x.detach().to(getattr(torch, precision)).double()
    return x + (near - x).detach()


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(np.array(array, np.float64))


def _array(tensor: Tensor) -> Array:
    found: Array = tensor.detach().contiguous().numpy()
    return found


__all__ = ["FUNCTIONS", "Step", "evaluate", "rounded"]
