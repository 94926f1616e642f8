"""Runs a user's module beside the generated one, to see in which layer they part.

Both are PyTorch modules in one process, so that hooks see what goes into each layer and what comes
out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from resdsl.codegen.foreign import Located
from resdsl.codegen.runtime import Facts, load_source

from .names import canonical

#: Float64 rounding of one layer after another stays below this.
LIMIT = 1e-12


def generated(source: Path, facts: Facts, weights: dict[str, Tensor], like: Tensor) -> nn.Module:
    """The module of a generated file, where and in what precision another tensor is."""
    _, model_class = load_source(source, facts.class_name)
    model: nn.Module = model_class()
    names = {canonical(name): name for name in model.state_dict()}
    model.load_state_dict({names[name]: array for name, array in weights.items()}, strict=False)
    return model.to(device=like.device, dtype=like.dtype)


def locate(
    ours: nn.Module, theirs: nn.Module, inputs: list[Tensor], pairs: Iterable[tuple[str, str]]
) -> Located | None:
    """The first pair of layers, in the given order, whose outputs differ in eval mode; `None` if
    there is none."""
    wanted = list(pairs)
    left = _seen(ours, inputs, {a for a, _ in wanted}, canonical)
    right = _seen(theirs, inputs, {b for _, b in wanted}, str)
    for a, b in wanted:
        if a not in left or b not in right:
            continue  # A parameter that is a layer by itself is never called.
        if left[a][1].shape != right[b][1].shape:
            continue  # A linear layer in the place of a 1x1 convolution has its channels elsewhere.
        before, after = (_error(x, y) for x, y in zip(left[a], right[b], strict=True))
        if not after <= LIMIT:
            return Located(a, b, before, after, not before <= LIMIT)
    return None


def _seen(
    model: nn.Module, inputs: list[Tensor], paths: set[str], name_of: Callable[[str], str]
) -> dict[str, tuple[Tensor, Tensor]]:
    """What goes into layers and comes out when they first run."""
    seen: dict[str, tuple[Tensor, Tensor]] = {}

    def keep(path: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, given: Any, result: Any) -> None:
            if path not in seen and given and isinstance(result, Tensor):
                # Copies: the next operation may write in place.
                seen[path] = (given[0].clone(), result.clone())

        return hook

    modules = {name_of(path): module for path, module in model.named_modules()}
    hooks = [modules[p].register_forward_hook(keep(p)) for p in paths if p in modules]
    model.eval()
    with torch.no_grad():
        model(*inputs)
    for hook in hooks:
        hook.remove()
    return seen


def _error(one: Tensor, other: Tensor) -> float:
    """The largest difference, relative to the largest entry of either."""
    if one.shape != other.shape:
        return float("inf")
    if torch.equal(one, other):
        return 0.0
    return float((one - other).abs().max() / torch.maximum(one.abs().max(), other.abs().max()))
