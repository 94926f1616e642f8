"""The backends of a fuzzing run, each in processes that take many networks."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from resdsl.parity.plan import Plan, run_name, write_plan
from resdsl.processes.pool import Ending
from resdsl.processes.service import Service
from resdsl.records import dataclass

#: Networks after which a worker is replaced.
ORDERS = 150
#: Seconds that a framework may take to start, on a busy machine.
STARTING = 240.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a run left no trace. `kind` is `raised` (with the exception's `name`), `died` (with the
    status as `name`), `hung` or `refused`."""

    kind: str
    name: str
    notes: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """To stand behind "the jax worker "."""
        match self.kind:
            case "raised":
                return f"raised `{self.name}`"
            case "hung":
                return f"was not done after {self.name} seconds"
            case "refused":
                return f"says: {self.name}"
        return self.name


class Stopped(Exception):
    """The run is over: nothing more is to be tried."""


class Bench:
    """Workers for some backends in some precisions, `copies` of each. Ended behind the `with`."""

    def __init__(self, runs: Iterable[str], copies: int, limit: float) -> None:
        self._limit = limit
        self._stack = ExitStack()
        self._over = False
        self._free: dict[str, queue.SimpleQueue[Service]] = {}
        for name in runs:
            self._free[name] = queue.SimpleQueue()
            for _ in range(copies):
                service = Service(name, "resdsl.fuzzing.worker", ORDERS)
                self._free[name].put(self._stack.enter_context(service))

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *failure: object) -> None:
        self._over = True
        self._stack.close()

    def run(self, plans: Sequence[Plan], folder: Path) -> dict[str, Trouble | None]:
        """Run plans side by side; for each, by its trace's folder, what went wrong or `None`."""
        with ThreadPoolExecutor(max_workers=max(1, len(plans))) as executor:
            troubles = list(executor.map(lambda plan: self._run(plan, folder), plans))
        return {str(p.trace): t for p, t in zip(plans, troubles, strict=True)}

    def _run(self, plan: Plan, folder: Path) -> Trouble | None:
        order = folder / f"{plan.trace.parent.name}-{plan.trace.name}.json"
        write_plan(plan, order)
        free = self._free[run_name(plan.backend, plan.policy.dtype)]
        service = free.get()
        try:
            if self._over:
                raise Stopped
            answer = service.ask(order, self._limit, STARTING)
        finally:
            free.put(service)
        if self._over:
            raise Stopped
        if answer is None:
            return Trouble("hung", f"{self._limit:g}")
        if isinstance(answer, Ending):
            return Trouble("died", answer.how, answer.tail)
        if "refused" in answer:
            return Trouble("refused", answer["refused"])
        if "raised" in answer:
            return Trouble("raised", answer["raised"], tuple(answer["tail"]))
        return None
