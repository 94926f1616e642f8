"""What parity asks of a backend for a module that the user has written: the same as of a generated
one, under the user's own names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from resdsl.codegen.runtime import Array, Arrays, Facts, Network, Policy
from resdsl.records import dataclass

if TYPE_CHECKING:
    from resdsl.weights.description import Description


@dataclass(frozen=True, slots=True)
class Dropping:
    """A layer that draws masks: its name, and the rate that it has."""

    name: str
    rate: float


@dataclass(frozen=True, slots=True)
class Located:
    """The first layer whose output differs, under our name and theirs: the errors of its input and
    its output, and whether the input differs already, though all layers before agree."""

    ours: str
    theirs: str
    before: float
    after: float
    inherited: bool


class Foreign(Protocol):
    """A user's module: built from the module, the network's facts and a policy."""

    def __init__(self, model: Any, facts: Facts, policy: Policy) -> None: ...

    def describe(self, inputs: Arrays) -> Description:
        """Its weights under its own names, with shapes in PyTorch's layout, and their dataflow in
        eval mode on these inputs. Raises `Unavailable` for outputs that are no tensors."""

    def dropping(self) -> list[Dropping]:
        """Layers that draw masks in training, in the order in which they run or are declared."""

    def kind(self, layer: str) -> str:
        """The class of a layer: `BatchNorm2d`."""

    def network(self, facts: Facts, weights: Mapping[str, Array]) -> Network:
        """The network under its own names, which `facts` has too, with weights in the layout of
        `describe`; its arrays have as many entries as those, in the same order."""

    def locate(
        self, source: Path, weights: Path, inputs: Arrays, pairs: Sequence[tuple[str, str]]
    ) -> Located | None:
        """Where the module parts from that of a generated file for the same framework, with weights
        in place. `pairs` are layers, ours and theirs, in the order in which ours run. `None` where
        this cannot be seen."""
