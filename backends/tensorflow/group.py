"""TensorFlow's processes of one run: `MultiWorkerMirroredStrategy`, with some devices in each."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import tensorflow as tf

from resdsl.codegen.group import Started
from resdsl.codegen.runtime import Policy


class TensorFlowGroup:
    """This process; see `resdsl.codegen.group`."""

    def start(self, policy: Policy, load: Callable[[], ModuleType], runtime: Any) -> Started:
        runtime.configure(policy)
        script = load()
        self._strategy = script.join_processes(policy.device)  # before the first operation
        self._summed = tf.function(self._sum)
        return Started(script, {"strategy": self._strategy}, runtime.in_force(policy))

    @property
    def rank(self) -> int:
        rank: int = self._strategy.cluster_resolver.task_id or 0
        return rank

    @property
    def count(self) -> int:
        devices: int = self._strategy.num_replicas_in_sync
        return devices // len(self._strategy.extended.worker_devices)

    def any(self, flag: bool) -> bool:
        return bool(self._summed(tf.constant(int(flag))))

    def leave(self) -> None:
        # Who ends while others are at work ends them too.
        self.any(False)

    def _sum(self, value: tf.Tensor) -> tf.Tensor:
        def summed(own: tf.Tensor) -> tf.Tensor:
            # A copy has a device, which the argument of a compiled function has not.
            return tf.distribute.get_replica_context().all_reduce("sum", tf.identity(own))

        return self._strategy.experimental_local_results(self._strategy.run(summed, (value,)))[0]
