"""A PyTorch network whose values are watched: hooks on its layers, and the file's `probe` calls.

Every value passes through a node of autograd that hands it to the watch, forwards and backwards,
and goes on with it or, in a forced pass, with the reference's. One value at a time is copied.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from resdsl.codegen.lower.dialect import PROBE
from resdsl.codegen.probes import Sites, Watch, tapped
from resdsl.codegen.runtime import Array, Arrays, Batch, Facts, Outcome, Policy

from .names import canonical
from .runtime import TorchNetwork, as_numpy


class ProbedTorchNetwork(TorchNetwork):
    """A module with a probe at every value."""

    def __init__(self, model: nn.Module, module: ModuleType, facts: Facts, policy: Policy) -> None:
        super().__init__(model, facts, policy)
        self._sites = Sites(facts)
        self._watch: Watch | None = None
        #: Differentiable, so that the gradient arrives even where no weight comes before a value.
        self._anchor = torch.zeros((), device=self._device, requires_grad=True)
        self._scopes: dict[nn.Module, str] = {}
        for name, layer in self._model.named_modules():
            self._scopes[layer] = canonical(name)
            layer.register_forward_hook(self._called)
        self.complete = hasattr(module, PROBE)
        if self.complete:
            setattr(module, PROBE, self._probe)

    def watched_infer(self, inputs: Arrays, watch: Watch) -> Arrays:
        self._begin(watch)
        try:
            return self.infer(inputs)
        finally:
            self._watch = None

    def watched_step(self, batch: Batch, watch: Watch) -> Outcome:
        self._begin(watch)
        try:
            return self._differentiate(batch)
        finally:
            self._watch = None

    def _begin(self, watch: Watch) -> None:
        self._watch = watch
        self._sites.begin()

    def _probe(self, layer: nn.Module, label: str, value: Any) -> Any:
        return self._seen(value, lambda n: self._sites.labelled(self._scopes[layer], label, n))

    def _called(self, layer: nn.Module, _: Any, value: Any) -> Any:
        return self._seen(value, lambda n: self._sites.called(self._scopes[layer], n))

    def _seen(self, value: Any, names_of: Callable[[int], list[str] | None]) -> Any:
        if self._watch is None:
            return value
        return tapped(value, names_of, self._tapped)

    def _tapped(self, name: str, value: Tensor) -> Tensor:
        watch = self._watch
        assert watch is not None
        if name not in watch.names:
            return value
        watch.value(name, as_numpy(value))
        forced = watch.forced.get(name)
        instead = value if forced is None else self._copied(forced, value)
        if not torch.is_grad_enabled():
            return instead
        tapped: Tensor = _Tap.apply(value, self._anchor, instead, self, name)
        return tapped

    def arrived(self, name: str, gradient: Tensor) -> Tensor:
        """The gradient by a value; returns what is sent on."""
        watch = self._watch
        assert watch is not None
        if watch.gradient is not None:
            watch.gradient(name, np.ascontiguousarray(as_numpy(gradient)))
        forced = watch.forced_gradients.get(name)
        return gradient if forced is None else self._copied(forced, gradient)

    def _copied(self, forced: Array, like: Tensor) -> Tensor:
        """The reference's array in memory of its own, as autograd adds into what it is given, and
        in the layout of what it replaces, on which the order of sums depends."""
        if forced.shape != like.shape:
            return self._tensor(forced).clone()
        return torch.empty_like(like, requires_grad=False).copy_(self._tensor(forced))


class _Tap(torch.autograd.Function):  # type: ignore[misc]
    """A value, handed on; its gradient, looked at."""

    @staticmethod
    def forward(
        ctx: Any, value: Tensor, anchor: Tensor, instead: Tensor, network: Any, name: str
    ) -> Tensor:
        ctx.network, ctx.name, ctx.shape = network, name, value.shape
        return instead.view_as(instead)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        sent = ctx.network.arrived(ctx.name, gradient)
        if sent.shape != ctx.shape:
            # An operation that leaves another shape than the reference's.
            sent = gradient.new_zeros(ctx.shape)
        return sent, None, None, None, None
