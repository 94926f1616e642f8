"""An operation in a few words, as papers write it into the boxes of their figures.

`3x3 conv, 128, /2` is He et al. 2015, Figure 3. Tables and pictures share these words.
"""

from __future__ import annotations

from typing import Any

from resdsl.ops import Op
from resdsl.sizes import short
from resdsl.types import TensorType

_NAMES = {
    "conv_transpose": "up-conv",
    "linear": "fc",
    "global_avg_pool": "global avg pool",
    "adaptive_avg_pool": "avg pool",
}


def op_text(op: Op, x: TensorType, y: TensorType) -> str:
    """`op` on an input of type `x` with a result of type `y`: `7x7 conv, 64, /2`, `fc 1000`."""
    name = _NAMES.get(op.name, op.name.replace("_", " "))
    if op.name == "linear":
        return f"{name} {y.channels}"
    if op.name == "adaptive_avg_pool":
        return f"{name} to {' x '.join(map(short, y.spatial))}"
    if op.name == "pad_channels":
        return f"{name} to {y.channels}"
    kernel = getattr(op, "kernel", None)
    words = [name if kernel is None else f"{_window(kernel, x.rank)} {name}"]
    if hasattr(op, "out"):
        words.append(str(y.channels))
    words += _numbers(op, x.rank)
    return ", ".join(words)


def _numbers(op: Op, rank: int) -> list[str]:
    """What is worth saying of the other attributes: only what is unusual."""
    words = []
    stride = _stride(op)
    if not _is_one(stride):
        sign = "x" if op.name in ("conv_transpose", "upsample") else "/"
        words.append(f"{sign}{_short(stride)}")
    if not _is_one(getattr(op, "dilation", 1)):
        words.append(f"dilation {_short(op.dilation)}")  # type: ignore[attr-defined]
    groups = getattr(op, "groups", 1)
    if isinstance(groups, int) and groups > 1:
        words.append(f"{groups} groups")
    return words


def _stride(op: Op) -> Any:
    """The stride; a pool's is its kernel unless said otherwise."""
    stride = getattr(op, "stride", None)
    if stride is None:
        stride = getattr(op, "kernel", getattr(op, "by", 1))
    return 1 if stride is None else stride  # `upsample(like = …)` takes its factor from a tensor


def _is_one(value: Any) -> bool:
    return all(v == 1 for v in value) if isinstance(value, tuple) else value == 1


def _short(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _window(kernel: Any, rank: int) -> str:
    """`3x3`; of a length alone `size-3`."""
    sizes = _short(kernel if isinstance(kernel, tuple) else (kernel,) * max(rank, 1))
    return sizes if "x" in sizes else f"size-{sizes}"
