"""Runs a user's own `torch.nn.Module` for parity, under its own names.

Imported by a worker process only. What goes in and out is as for generated files; a module gives a
tensor, several, or what transformers return, with `logits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from resdsl.codegen.foreign import Dropping, Located
from resdsl.codegen.runtime import Array, Arrays, Facts, Policy, Unavailable
from resdsl.weights.dataflow import Edges, Step, dataflow
from resdsl.weights.description import ROLES, Description, tensors_of

from .locate import generated, locate
from .masks import dropped
from .runtime import TorchNetwork

#: Classes of libraries that drop a whole sample's branch, and what they call the rate.
STOCHASTIC_DEPTH = {"DropPath": "drop_prob", "StochasticDepth": "p"}


class TorchForeign:
    """A module of the user's."""

    def __init__(self, model: nn.Module, facts: Facts, policy: Policy) -> None:
        self._dtype: torch.dtype = getattr(torch, policy.dtype)
        self._model = model.to(device=policy.device, dtype=self._dtype).requires_grad_(True)
        self._facts = facts
        self._policy = policy
        self._modules = dict(model.named_modules())
        self._ran: list[str] = []

    def describe(self, inputs: Arrays) -> Description:
        named = [(n, tuple(p.shape), True) for n, p in self._model.named_parameters()]
        # Other buffers are constants: they keep their values.
        named += [
            (name, tuple(buffer.shape), False)
            for name, buffer in self._model.named_buffers()
            if name.rpartition(".")[2] in ROLES and buffer.is_floating_point()
        ]
        tensors = tensors_of(named)
        layers = {tensor.name: tensor.layer for tensor in tensors}
        return Description(tensors, self._edges(inputs, layers))

    def _edges(self, inputs: Arrays, layers: Mapping[str, str]) -> Edges:
        given = [self._tensor(inputs[i.name]).requires_grad_() for i in self._facts.inputs]
        names = {id(module): path for path, module in self._modules.items()}
        hooks = [
            module.register_forward_pre_hook(lambda m, _: self._ran.append(names[id(m)]))
            for module in self._modules.values()
        ]
        self._model.eval()
        results = outputs_of(self._model(*given), len(self._facts.outputs))
        for hook in hooks:
            hook.remove()
        weights = {id(p): layers[name] for name, p in self._model.named_parameters()}
        return graph_of(results, weights, [id(tensor) for tensor in given])

    def dropping(self) -> list[Dropping]:
        order = [*dict.fromkeys(self._ran), *self._modules]
        found = [Dropping(path, rate_of(self._modules[path])) for path in dict.fromkeys(order)]
        return [layer for layer in found if layer.rate]

    def kind(self, layer: str) -> str:
        module = self._modules.get(layer)
        # A parameter that is a layer by itself has no class.
        return "Parameter" if module is None else type(module).__name__

    def network(self, facts: Facts, weights: Mapping[str, Array]) -> TorchNetwork:
        held = {**dict(self._model.named_parameters()), **dict(self._model.named_buffers())}
        with torch.no_grad():
            for name, array in weights.items():
                held[name].copy_(self._tensor(array).reshape(held[name].shape))
        return ForeignNetwork(self._model, facts, self._policy)

    def locate(
        self, source: Path, weights: Path, inputs: Arrays, pairs: Sequence[tuple[str, str]]
    ) -> Located | None:
        if self._dtype != torch.float64:
            return None  # Rounding would be taken for a difference.
        given = [self._tensor(inputs[i.name]) for i in self._facts.inputs]
        ours = generated(source, self._facts, load_file(weights), given[0])
        return locate(ours, self._model, given, pairs)

    def _tensor(self, array: Array) -> Tensor:
        tensor: Tensor = torch.tensor(np.ascontiguousarray(array), dtype=self._dtype)
        return tensor.to(self._policy.device)


class ForeignNetwork(TorchNetwork):
    """As a generated module's, with outputs and layers that draw masks of more kinds, and names
    as they are."""

    @staticmethod
    def name_of(name: str) -> str:
        return name

    def _forward(self, inputs: Arrays) -> dict[str, Tensor]:
        given = (self._tensor(inputs[i.name]) for i in self._facts.inputs)
        names = [output.name for output in self._facts.outputs]
        return dict(zip(names, outputs_of(self._model(*given), len(names)), strict=True))

    def _inject(self) -> None:
        layers = dict(self._model.named_modules())
        for path in self._facts.masked:
            rate = self._facts.rates[path]
            # An instance's own `forward` wins over its class's.
            layers[path].forward = dropped(path, layers[path], rate, self._mask)


def rate_of(module: nn.Module) -> float:
    """The rate at which a layer drops what parity has masks for; 0 for all others."""
    if type(module) is nn.Dropout:
        return float(module.p)
    attribute = STOCHASTIC_DEPTH.get(type(module).__name__)
    return float(getattr(module, attribute, 0.0) or 0.0) if attribute else 0.0


def outputs_of(result: Any, count: int) -> list[Tensor]:
    """The tensors of a module's result, whatever it comes in."""
    logits = getattr(result, "logits", None)
    found: list[Any] = (
        [logits]
        if isinstance(logits, Tensor)
        else list(result.values())
        if isinstance(result, Mapping)
        else list(result)
        if isinstance(result, tuple | list)
        else [result]
    )
    if len(found) != count or not all(isinstance(value, Tensor) for value in found):
        kinds = ", ".join(type(value).__name__ for value in found)
        raise Unavailable(
            f"your module gives {kinds}, and the network has {count} output(s)",
            "name a function that makes a module with the same outputs",
        )
    return found


def graph_of(outputs: list[Tensor], weights: Mapping[int, str], inputs: list[int]) -> Edges:
    """The dataflow of layers in PyTorch's graph of gradients; tensors are told apart by `id`.

    A node of the graph is an operation. Its leaves, which accumulate gradients, hold the weights
    and the inputs.
    """
    roots = [output.grad_fn for output in outputs]
    nodes: dict[Any, None] = {}
    waiting = [root for root in roots if root is not None]
    while waiting:
        node = waiting.pop()
        if node not in nodes:
            nodes[node] = None
            waiting.extend(before for before, _ in node.next_functions if before is not None)
    # Numbered as they were made, in the forward pass; leaves have the largest number of all.
    operations = sorted((n for n in nodes if not _is_leaf(n)), key=_number)
    steps = [Step(tuple(_values(node)), (node,)) for node in operations]
    return dataflow(steps, weights, inputs, roots)


def _is_leaf(node: Any) -> bool:
    return hasattr(node, "variable")


def _number(node: Any) -> int:
    return int(node._sequence_nr())


def _values(node: Any) -> Iterator[Any]:
    for before, _ in node.next_functions:
        if before is not None:
            yield id(before.variable) if _is_leaf(before) else before
