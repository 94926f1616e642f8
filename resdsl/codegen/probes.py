"""What looks at a network's values on the way: which are kept, and what the network goes on with.

Framework-free. A runtime tells `Sites` where in the generated code a value was made and learns what
the graph calls it, then hands the value to the `Watch` of the run: outside are NumPy arrays,
channels first, under the names of `Facts.values`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from resdsl.codegen.runtime import Array, Arrays, Batch, Facts, Network, Outcome, Policy
from resdsl.records import dataclass, field


def result_name(path: str, number: int) -> str:
    """The name of one of a node's results: its path, and `path#1` for the second."""
    return path if number == 0 else f"{path}#{number}"


@dataclass(frozen=True, slots=True)
class Watch:
    """What one probed pass does with its values.

    `value` is called with every value of `names` in the order of their making, `gradient` with the
    gradient of the loss by each, as they come. In a forced pass the network goes on with the
    reference's instead: `forced` holds values, `forced_gradients` what is sent on backwards.
    """

    names: frozenset[str]
    value: Callable[[str, Array], None]
    gradient: Callable[[str, Array], None] | None = None
    forced: Arrays = field(default_factory=dict)
    forced_gradients: Arrays = field(default_factory=dict)


class Sites:
    """From places in the generated code to names of values.

    A layer that is called, and a label handed to `probe`, are told apart: a label that nobody wrote
    may be called as a scope is, whose module leaves a value too. What runs again passes its place
    once more, in the order of the graph.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._passed: Counter[str] = Counter()

    def begin(self) -> None:
        """A new pass of the network."""
        self._passed.clear()

    def called(self, path: str, results: int) -> list[str] | None:
        """The names of what a layer leaves; `None` for what is no value of the graph."""
        return self._pass(f"{path}/", results)

    def labelled(self, scope: str, label: str, results: int) -> list[str] | None:
        """The names of what `probe` is handed in the module `scope`, or `None` likewise."""
        site = f"{scope}.{label}" if scope else label
        # An item of a sequence that is written as an expression has a number for its name.
        return self._pass(site if site in self._facts.sites else f"{site}/", results)

    def _pass(self, site: str, results: int) -> list[str] | None:
        paths, number = self._facts.sites.get(site, ()), self._passed[site]
        if number >= len(paths):
            return None
        self._passed[site] += 1
        return [result_name(paths[number], i) for i in range(results)]


class ProbedNetwork(Network, Protocol):
    """A network whose values can be watched. Nothing of it is compiled."""

    #: Whether every value is seen: a file without calls of `probe` shows its layers' alone.
    complete: bool

    def watched_infer(self, inputs: Arrays, watch: Watch) -> Arrays:
        """`infer`, with what it makes on the way."""

    def watched_step(self, batch: Batch, watch: Watch) -> Outcome:
        """`step` without the update: the forward pass in training and, where the backend has
        gradients, the backward pass."""


class ProbingRuntime(Protocol):
    """A runtime of a backend with the capability `probes`."""

    def load_probed(
        self, source: Path, facts: Facts, weights: Path, policy: Policy
    ) -> ProbedNetwork:
        """As `load`, of a probed file."""


def several(value: Any) -> Iterable[Any]:
    """The results of an operation, one or several, one by one."""
    return value if isinstance(value, list | tuple) else (value,)


def tapped(
    value: Any, names_of: Callable[[int], list[str] | None], tap: Callable[[str, Any], Any]
) -> Any:
    """What goes on in the place of an operation's results: each as `tap` gives it by its name.

    `names_of` takes their number, and gives `None` for what is no value of the graph.
    """
    values = list(several(value))
    names = names_of(len(values))
    if names is None:
        return value
    found = [tap(name, v) for name, v in zip(names, values, strict=True)]
    return type(value)(found) if isinstance(value, list | tuple) else found[0]
