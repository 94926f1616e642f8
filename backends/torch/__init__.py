"""The PyTorch backend: readable `nn.Module` source, and the runtime that parity drives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from resdsl.codegen.backend import Backend
from resdsl.ir.graph import Graph

if TYPE_CHECKING:
    from resdsl.recipes.recipe import Recipe


def _emit(graph: Graph, *, probed: bool = False) -> str:
    from resdsl.codegen.python.module import write_module

    from .target import TorchTarget

    return write_module(graph, TorchTarget(), probed=probed)


def _emit_trainer(graph: Graph, recipe: Recipe) -> str:
    from .trainer import write_trainer

    return write_trainer(graph, recipe)


def _emit_distributed_trainer(graph: Graph, recipe: Recipe) -> str:
    from .trainer import write_trainer

    return write_trainer(graph, recipe, distributed=True)


def _launch(rank: int, addresses: Sequence[str], device: str) -> dict[str, str]:
    """As `torchrun` has it."""
    host, _, port = addresses[0].rpartition(":")
    return {
        "MASTER_ADDR": host,
        "MASTER_PORT": port,
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(len(addresses)),
    }


BACKEND = Backend(
    name="torch",
    title="PyTorch",
    file_suffix="_torch.py",
    extra="torch",
    requires=("torch", "numpy", "safetensors"),
    emit=_emit,
    emit_trainer=_emit_trainer,
    emit_distributed_trainer=_emit_distributed_trainer,
    group="resdsl.backends.torch.group:TorchGroup",
    launch=_launch,
    runtime="resdsl.backends.torch.runtime:TorchRuntime",
    builder="resdsl.backends.torch.live:build",
    masks="resdsl.backends.torch.masks:give",
    foreign="resdsl.backends.torch.foreign:TorchForeign",
    observer="resdsl.backends.torch.observer:observe",
    trials="resdsl.backends.torch.trials:evaluate",
    capabilities=frozenset({"eval", "train", "gradients", "steps", "probes"}),
)
