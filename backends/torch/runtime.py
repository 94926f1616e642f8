"""Runs a generated PyTorch file for parity: eval, train mode, gradients and SGD steps.

Imported by a worker process only. Outside are NumPy arrays, channels first, under canonical names:
PyTorch's own layout, so nothing is transposed here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from resdsl.codegen.runtime import (
    Array,
    Arrays,
    Batch,
    Facts,
    Outcome,
    Policy,
    Unavailable,
    Update,
    denormals,
    load_source,
)

# cuBLAS reads it when it is first used: without a fixed workspace its sums change between runs.
os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from .masks import inject
from .names import canonical

if TYPE_CHECKING:
    from .probes import ProbedTorchNetwork

#: The smallest normal float32.
TINY = 2.0**-126


class TorchRuntime:
    """PyTorch in this process."""

    def apply(self, policy: Policy) -> dict[str, Any]:
        if policy.device == "cuda" and not torch.cuda.is_available():
            raise Unavailable(
                f"PyTorch {torch.__version__} finds no GPU here",
                "use `--device cpu`, or install a PyTorch built for CUDA",
            )
        # First, as the threads that compute inherit it when they are started.
        torch.set_flush_denormal(policy.flush_denormals)
        torch.set_num_threads(policy.threads)
        # Some gradients have no deterministic kernel on a GPU (adaptive pools): a warning there, as
        # their order of summation is rounding, which the comparison measures.
        torch.use_deterministic_algorithms(policy.deterministic, warn_only=policy.device == "cuda")
        # It would write all new memory twice; what is read before it is written is no rounding.
        torch.utils.deterministic.fill_uninitialized_memory = False
        torch.backends.cudnn.deterministic = policy.deterministic
        torch.backends.cudnn.benchmark = not policy.deterministic
        torch.backends.cudnn.allow_tf32 = policy.tf32
        torch.backends.cuda.matmul.allow_tf32 = policy.tf32
        rounds = not policy.exact_rounding
        torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = rounds
        return self._in_force(policy)

    def _in_force(self, policy: Policy) -> dict[str, Any]:
        cuda = policy.device == "cuda"
        found = {
            "versions": {"torch": torch.__version__, "cuda": torch.version.cuda or "none"},
            "device": torch.cuda.get_device_name() if cuda else "cpu",
            "dtype": policy.dtype,
            "threads": torch.get_num_threads(),
            "deterministic": torch.are_deterministic_algorithms_enabled(),
            "tf32 matmul": torch.backends.cuda.matmul.allow_tf32,
            "tf32 conv": torch.backends.cudnn.allow_tf32,
            "matmul precision": torch.get_float32_matmul_precision(),
            "onednn": torch.backends.mkldnn.enabled,
            "denormals": denormals((torch.full((), TINY, device=policy.device) * 0.5).item()),
        }
        if cuda:
            cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
            found["cudnn"] = str(cudnn.version())
            found["cudnn benchmark"] = cudnn.benchmark
            found["cudnn deterministic"] = cudnn.deterministic
            found["reduced precision sums"] = matmul.allow_bf16_reduced_precision_reduction
        return found

    def load(self, source: Path, facts: Facts, weights: Path, policy: Policy) -> TorchNetwork:
        _, model = self._loaded(source, facts, weights, policy)
        return TorchNetwork(model, facts, policy)

    def load_probed(
        self, source: Path, facts: Facts, weights: Path, policy: Policy
    ) -> ProbedTorchNetwork:
        from .probes import ProbedTorchNetwork

        module, model = self._loaded(source, facts, weights, policy)
        return ProbedTorchNetwork(model, module, facts, policy)

    def _loaded(
        self, source: Path, facts: Facts, weights: Path, policy: Policy
    ) -> tuple[ModuleType, nn.Module]:
        module, model_class = load_source(source, facts.class_name)
        # Before the weights are loaded, which may be more exact than its own.
        model: nn.Module = model_class().to(dtype=getattr(torch, policy.dtype))
        # Only the counter of batches, which PyTorch keeps and no other framework has, may be
        # missing; anything else would leave a layer at its random start.
        names = {canonical(name): name for name in model.state_dict()}
        arrays = {names.get(name, name): array for name, array in load_file(weights).items()}
        found = model.load_state_dict(arrays, strict=False)
        missing = [k for k in found.missing_keys if not k.endswith(".num_batches_tracked")]
        if missing or found.unexpected_keys:
            raise Unavailable(
                f"{source.name} does not have the weights of `{facts.model}`: "
                f"{len(missing)} missing, {len(found.unexpected_keys)} unknown: "
                + ", ".join([*missing, *found.unexpected_keys][:3])
            )
        return module, model


class TorchNetwork:
    """A module with its optimizer; masks are put into its dropout layers before each step."""

    def __init__(self, model: nn.Module, facts: Facts, policy: Policy) -> None:
        self._dtype: torch.dtype = getattr(torch, policy.dtype)
        self._device = policy.device
        self._facts = facts
        self._model = model.to(device=self._device, dtype=self._dtype)
        self._optimizer: torch.optim.SGD | None = None
        #: The masks of each layer, one for every time that it runs.
        self._masks: dict[str, list[Tensor]] = {}
        inject(self._model, facts, lambda path, _: self._masks[path].pop(0))

    def infer(self, inputs: Arrays) -> Arrays:
        self._model.eval()
        with torch.no_grad():
            return self._arrays(self._forward(inputs))

    def step(self, batch: Batch, update: Update) -> Outcome:
        outcome = self._differentiate(batch)
        self._update(update)
        return outcome

    def _differentiate(self, batch: Batch) -> Outcome:
        """The forward pass in training and the backward pass."""
        self._model.train()
        self._masks = {
            path: [self._tensor(batch.masks[name]) for name in names]
            for path, names in self._facts.masked.items()
        }
        self._model.zero_grad(set_to_none=True)
        outputs = self._forward(batch.inputs)
        loss = self._loss(outputs, batch)
        if loss.requires_grad:  # a network without weights leaves nothing to differentiate by
            loss.backward()
        named = {canonical(name): p for name, p in self._model.named_parameters()}
        for parameter in named.values():
            if parameter.grad is None:
                # Of what the loss does not depend on. PyTorch would pass it over, decay and all.
                parameter.grad = torch.zeros_like(parameter)

        def copies() -> Iterator[tuple[str, Array]]:
            for name in self._facts.parameters:
                yield name, as_numpy(named[name].grad)

        return Outcome(self._arrays(outputs), loss.item(), copies)

    def state(self, names: frozenset[str]) -> Iterator[tuple[str, Array]]:
        tensors = (*self._model.named_parameters(), *self._model.named_buffers())
        held = {canonical(name): tensor for name, tensor in tensors}
        for weight in self._facts.weights:
            if weight.name in names:
                yield weight.name, as_numpy(held[weight.name])

    def _update(self, update: Update) -> None:
        if not self._facts.parameters:
            return  # There is no optimizer of nothing.
        if self._optimizer is None:
            self._optimizer = torch.optim.SGD(
                self._model.parameters(),
                lr=update.rate,
                momentum=update.momentum,
                weight_decay=update.decay,
            )
        for group in self._optimizer.param_groups:
            group["lr"] = update.rate
        self._optimizer.step()

    def _forward(self, inputs: Arrays) -> dict[str, Tensor]:
        result = self._model(*(self._tensor(inputs[i.name]) for i in self._facts.inputs))
        results = result if isinstance(result, tuple | list) else (result,)
        return dict(zip((o.name for o in self._facts.outputs), results, strict=True))

    def _loss(self, outputs: dict[str, Tensor], batch: Batch) -> Tensor:
        parts = []
        for name, target in batch.targets.items():
            y, t = outputs[name], self._tensor(target)
            if batch.loss == "cross_entropy":
                # The maximum only keeps exp() in range; its gradient would cancel.
                y = y - y.detach().amax(dim=1, keepdim=True)
                parts.append(-(t * (y - y.exp().sum(dim=1, keepdim=True).log())).sum(1).mean())
            else:
                parts.append((y - t).square().mean() / 2)
        return torch.stack(parts).sum()

    def _tensor(self, array: Array) -> Tensor:
        tensor: Tensor = torch.from_numpy(np.ascontiguousarray(array))
        return tensor.to(device=self._device, dtype=self._dtype)

    def _arrays(self, tensors: dict[str, Tensor]) -> Arrays:
        return {name: as_numpy(value) for name, value in tensors.items()}


def as_numpy(tensor: Tensor) -> Array:
    """As NumPy has it, which has no bfloat16: float32 holds its numbers as they are."""
    held = tensor.detach().cpu()
    array: Array = (held.float() if held.dtype == torch.bfloat16 else held).numpy()
    return array
