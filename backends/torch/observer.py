"""Looks into a live PyTorch model: what its layers give, and the gradients that come back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from resdsl.codegen.observation import Observation

S = TypeVar("S")


def observe(
    model: nn.Module,
    images: np.ndarray[Any, Any],
    labels: np.ndarray[Any, Any],
    points: Sequence[str],
    summary: Callable[[np.ndarray[Any, Any]], S],
) -> Observation[S]:
    """One pass of a copy in training mode: statistics and gradients of `model` stay as they are.

    See `resdsl.codegen.observation`.
    """
    twin = copy.deepcopy(model).train()
    twin.zero_grad()
    device = next(twin.parameters()).device
    outputs: dict[str, S] = {}
    gradients: dict[str, S] = {}

    def keep(found: dict[str, S], point: str, tensor: Tensor) -> None:
        found[point] = summary(tensor.detach().cpu().numpy())

    def see(point: str, layer: nn.Module, inputs: Any, output: Tensor) -> None:
        keep(outputs, point, output)
        output.register_hook(partial(keep, gradients, point))

    layers = dict(twin.named_modules())
    for point in points:
        layers[point].register_forward_hook(partial(see, point))
    logits = twin(torch.from_numpy(images).to(device).movedim(-1, 1))
    loss = F.cross_entropy(logits, torch.from_numpy(labels).to(device))
    loss.backward()
    parameters = {
        name: parameter.grad.cpu().numpy()
        for name, parameter in twin.named_parameters()
        if parameter.grad is not None
    }
    return Observation(loss.item(), outputs, gradients, parameters)
