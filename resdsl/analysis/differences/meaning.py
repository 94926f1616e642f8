"""What an operation does, however it was written.

`max_pool(2)` and `max_pool(2, stride = 2)` are the same, and so are `pad = "same"` and `pad = 1` of
a 3x3 convolution, or two biases that would start differently if there were any.
"""

from __future__ import annotations

from typing import Any

from resdsl.ir.call_text import value_text
from resdsl.ops import Constant, Initializer, Normal, Op, Uniform, VarianceScaling
from resdsl.ops.base import attributes_of
from resdsl.ops.initializers import TORCH_DEFAULT
from resdsl.types import TensorType


def meaning(op: Op, x: TensorType) -> dict[str, Any]:
    """The attributes of an operation on an input of type `x`, each in one form only; tensors that
    it reads are connections instead."""
    values = {name: getattr(op, name) for name in attributes_of(type(op))}
    values = {name: value for name, value in values.items() if not isinstance(value, TensorType)}
    for name in ("pad", "amount"):
        if values.get(name, "tf_same") != "tf_same" and hasattr(op, "pads"):
            values[name] = op.pads(x)
    if values.get("stride", 1) is None:
        values["stride"] = values["kernel"]
    values = {name: _single(value) for name, value in values.items()}
    if values.get("bias") is False:
        values.pop("bias_init", None)
    if values.get("standardize") is False:
        values.pop("standardize_eps")
    if values.get("affine") is False:
        values.pop("init", None)
        values.pop("bias_init", None)
    if values.get("pad") == 0:
        values.pop("count_pad", None)
    return values


def _single(value: Any) -> Any:
    """Equal numbers for all directions as one number."""
    if isinstance(value, tuple) and value and all(entry == value[0] for entry in value):
        return value[0]
    return value


def meaning_text(value: Any) -> str:
    """A value as it is written in the language."""
    return _initializer(value) if isinstance(value, Initializer) else value_text(value)


def _initializer(init: Initializer) -> str:
    if init == TORCH_DEFAULT:
        return "the default"
    match init:
        case Constant(value):
            return {0.0: "zeros", 1.0: "ones"}.get(value, f"constant({value:g})")
        case Normal(std, mean, truncated):
            words = [f"{std:g}"]
            words += [f"mean = {mean:g}"] if mean else []
            words += ["truncated = true"] if truncated else []
            return f"normal({', '.join(words)})"
        case Uniform(low, high):
            return f"uniform({low:g}, {high:g})"
        case VarianceScaling(scale, fan, distribution, truncated):
            cut = ", truncated = true" if truncated else ""
            if scale == 2:
                return f'he_{distribution}(fan = "{fan}"{cut})'
            kind = f'fan = "{fan}", distribution = "{distribution}"'
            return f"variance_scaling({scale:g}, {kind}{cut})"
    return repr(init)
