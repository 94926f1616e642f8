"""JAX's processes of one run: `jax.distributed`, and a mesh over the devices of all."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import jax
import numpy as np
from jax.experimental.multihost_utils import process_allgather
from jax.sharding import Mesh

from resdsl.codegen.group import Started
from resdsl.codegen.runtime import Policy


class JaxGroup:
    """This process; see `resdsl.codegen.group`."""

    def start(self, policy: Policy, load: Callable[[], ModuleType], runtime: Any) -> Started:
        script = load()
        script.join_processes(policy.device)
        in_force = runtime.apply(
            policy
        )  # It asks for devices, of which the others' are to be among.
        return Started(script, {"mesh": Mesh(jax.devices(), "data")}, in_force)

    @property
    def rank(self) -> int:
        rank: int = jax.process_index()
        return rank

    @property
    def count(self) -> int:
        count: int = jax.process_count()
        return count

    def any(self, flag: bool) -> bool:
        return bool(np.any(process_allgather(np.array(flag))))

    def leave(self) -> None:
        jax.distributed.shutdown()
