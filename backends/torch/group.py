"""PyTorch's processes of one run: `torch.distributed`, started by us or by `torchrun`."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
import torch.distributed as dist

from resdsl.codegen.group import Started
from resdsl.codegen.runtime import Policy


class TorchGroup:
    """This process; see `resdsl.codegen.group`."""

    def start(self, policy: Policy, load: Callable[[], ModuleType], runtime: Any) -> Started:
        in_force = runtime.apply(policy)
        script = load()
        self._device = script.join_processes(policy.device)
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
