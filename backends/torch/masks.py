"""Puts given masks into the dropout layers of a live module, in place of those that it draws."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import cycle
from types import ModuleType

import torch
from torch import Tensor, nn

from resdsl.codegen.drawn import check_drawn
from resdsl.codegen.runtime import Array, Facts, MaskSource, Unavailable

from .names import canonical

#: The mask of a layer, by its path, for what comes into it.
Take = Callable[[str, Tensor], Tensor]


def give(model: nn.Module, module: ModuleType, facts: Facts, draw: MaskSource) -> None:
    """Let every layer that draws in training take what `draw` has for it."""
    names = {path: cycle(runs) for path, runs in facts.masked.items()}

    def take(path: str, x: Tensor) -> Tensor:
        return torch.from_numpy(draw(next(names[path]), x.shape[0])).to(x)

    inject(model, facts, take)


def inject(model: nn.Module, facts: Facts, take: Take) -> None:
    """Replace the forward pass of dropout layers: in training, masks are taken."""
    layers = {canonical(name): layer for name, layer in model.named_modules()}
    for path in facts.masked:
        layer = layers.get(path)
        # Stochastic depth is a class of the generated file: PyTorch has none for it.
        if layer is None or not (
            isinstance(layer, nn.Dropout) or type(layer).__name__ == "DropPath"
        ):
            raise Unavailable(
                f"`{path}` is no nn.Dropout of the module, and no DropPath",
                "parity puts the same masks into every framework by the layer's path",
            )
        check_drawn(facts, path, partial(_drawn, layer))
        # An instance's own `forward` wins over its class's.
        layer.forward = dropped(path, layer, facts.rates[path], take)


def _drawn(layer: nn.Module, ones: Array, training: bool) -> Array:
    """What a layer leaves by itself."""
    before = layer.training
    layer.train(training)
    with torch.no_grad():
        drawn: Array = layer(torch.from_numpy(ones)).numpy()
    layer.train(before)
    return drawn


def dropped(path: str, layer: nn.Module, rate: float, take: Take) -> Callable[[Tensor], Tensor]:
    """A forward pass for a layer that draws: in training, its mask is taken."""

    def forward(x: Tensor) -> Tensor:
        return x * take(path, x) / (1 - rate) if layer.training else x

    return forward
