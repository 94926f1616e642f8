"""Items that run again: what a labelled item did, kept so that it can be done once more.

`again(encoder)` repeats the operations that `encoder` came to, with the same weights, on another
tensor. What the item read by a label of the body around it, it reads once more; only what came
along is another.
"""

from __future__ import annotations

from resdsl import ir
from resdsl.ir.graph import Node, Specialization, Use
from resdsl.ops import Op
from resdsl.passes.elaborate.values import Flow, Tensor
from resdsl.records import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One node with the tensors that it had, as the language saw them."""

    node: Node
    inputs: tuple[Tensor, ...]
    results: tuple[Tensor, ...]


#: What a statement saw and left.
Fact = tuple[tuple[Specialization, ir.Statement], tuple[Tensor, ...], tuple[Tensor, ...], Op | None]


@dataclass(slots=True, eq=False)
class Log:
    """Everything that ran so far, in order."""

    runs: list[Run] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    uses: list[tuple[Specialization, Use, Tensor]] = field(default_factory=list)
    #: Stand-ins for what comes along with an item, with the tensors that they stand for.
    originals: dict[int, Tensor] = field(default_factory=dict)
    #: The same, one step each: a stand-in may stand for another, of the item around.
    stands_for: dict[int, Tensor] = field(default_factory=dict)

    def stand_in(self, tensor: Tensor) -> Tensor:
        """The same tensor under a number of its own, which no value of the graph has."""
        made = Tensor(-1 - len(self.originals), tensor.type, tensor.place)
        self.originals[made.value] = self.real(tensor)
        self.stands_for[made.value] = tensor
        return made

    def real(self, tensor: Tensor) -> Tensor:
        """What a tensor is in the graph."""
        return self.originals.get(tensor.value, tensor)

    def mark(self) -> tuple[int, int, int]:
        """How far the log goes."""
        return len(self.runs), len(self.facts), len(self.uses)


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A labelled item: where it stands in the log, what came along, and what it left."""

    start: tuple[int, int, int]
    end: tuple[int, int, int]
    #: The stand-in for what came along; `None` where that was several tensors.
    before: Tensor | None
    result: Flow
