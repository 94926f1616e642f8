"""Processes that train one network together: what the harness asks of a backend for that."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

from resdsl.codegen.runtime import Policy
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """A process that is ready: the script, what tells its `Trainer` where to compute (arguments by
    name), and what the runtime says is in force."""

    script: ModuleType
    where: dict[str, Any]
    in_force: dict[str, Any]


class Group(Protocol):
    """This process among those that share every batch."""

    @property
    def rank(self) -> int:
        """Its number; the first, 0, is the one that writes."""

    @property
    def count(self) -> int:
        """How many they are."""

    def start(self, policy: Policy, load: Callable[[], ModuleType], runtime: Any) -> Started:
        """Load the script, apply the policy by the backend's runtime and meet the others, in the
        framework's order."""

    def any(self, flag: bool) -> bool:
        """Whether one of them says so. All have to ask, and wait for each other."""

    def leave(self) -> None:
        """The end, where all have come to it."""


class Alone:
    """A process that shares with nobody."""

    rank = 0
    count = 1

    def start(self, policy: Policy, load: Callable[[], ModuleType], runtime: Any) -> Started:
        in_force = runtime.apply(policy)
        return Started(load(), {"device": policy.device}, in_force)

    def any(self, flag: bool) -> bool:
        return flag

    def leave(self) -> None: ...
