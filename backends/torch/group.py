"""PyTorch's processes of one run: `torch.distributed`, started by us or by `torchrun`."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
import torch.distributed as dist

from resdsl.codegen.group import Started


class TorchGroup:
    """This process; see `resdsl.codegen.group`."""

    def start(
        self, device: str, load: Callable[[], ModuleType], apply: Callable[[], dict[str, Any]]
    ) -> Started:
        in_force = apply()
        script = load()
        self._device = script.join_processes(device)
        return Started(script, {"device": self._device}, in_force)

    @property
    def rank(self) -> int:
        rank: int = dist.get_rank()
        return rank

    @property
    def count(self) -> int:
        count: int = dist.get_world_size()
        return count

    def any(self, flag: bool) -> bool:
        said = torch.tensor(int(flag), device=self._device)
        dist.all_reduce(said, dist.ReduceOp.MAX)
        return bool(said)

    def leave(self) -> None:
        dist.destroy_process_group()
