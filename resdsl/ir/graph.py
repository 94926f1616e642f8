"""One network unrolled: concrete nodes in order, each with its canonical path and its origin.

ONNX, weights, cost and parity read this alone. Source backends look facts up in it: the bound
operation and the types at every instance of a statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from resdsl.diagnostics import Diagnostic, Span
from resdsl.ir.call_text import call_text
from resdsl.ir.model import Block, BlockValue, Program
from resdsl.ir.statements import Statement
from resdsl.ops import Op, Weight
from resdsl.records import dataclass, field
from resdsl.sizes import Dim, total
from resdsl.types import TensorType


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One step of the chain of calls that led to a node: a call of a block with its arguments."""

    name: str
    arguments: Mapping[str, Any]
    span: Span
    parent: Frame | None = None
    #: The stage that made the call, if one did.
    stage: str = ""

    @property
    def text(self) -> str:
        """The call as an author would write it."""
        return call_text(self.name, self.arguments)

    def chain(self) -> Iterator[Frame]:
        """This frame and the ones around it, innermost first."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.parent


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where a node stands in the `.res` text, and the calls that led there."""

    span: Span
    frame: Frame | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One bound operation. Values are numbers; `path` is canonical and unique in the graph.

    `again` is the node whose weights it uses instead of its own, `others` what it leaves beside
    its first result. `site` is where generated code computes it: its name before that was made
    unique, with a slash behind it where a layer of that name does. What runs again shares it.
    """

    op: Op
    inputs: tuple[int, ...]
    output: int
    path: str
    origin: Origin
    others: tuple[int, ...] = ()
    again: Node | None = None
    site: str = ""

    @property
    def outputs(self) -> tuple[int, ...]:
        """All that it leaves."""
        return (self.output, *self.others)

    @property
    def owner(self) -> Node:
        """The node that has the weights: this one, unless it runs another again."""
        return self.again or self


@dataclass(frozen=True, slots=True)
class GraphInput:
    """An input of the network and the value it becomes."""

    name: str
    value: int


@dataclass(frozen=True, slots=True)
class NamedWeight:
    """A weight under its canonical name, and the node that owns it."""

    name: str
    weight: Weight
    node: Node


@dataclass(frozen=True, slots=True)
class Specialization:
    """A definition together with the block values its parameters hold, and the number of spatial
    dimensions it is applied to: one class in source code."""

    block: Block
    kinds: tuple[tuple[str, BlockValue | None], ...]
    #: Of its input; a model's own is whatever its input is.
    rank: int = 0
    #: Kept, because facts are looked up by it again and again.
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.block, self.kinds, self.rank)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One execution of a statement: the types it saw, and its bound operation if it is one.

    `others` are the types of what it leaves beside its first result.
    """

    inputs: tuple[TensorType, ...]
    output: TensorType
    op: Op | None = None
    others: tuple[TensorType, ...] = ()
    #: Whether `again` ran the statement, somewhere behind its own place in the text.
    again: bool = False

    @property
    def outputs(self) -> tuple[TensorType, ...]:
        """The types of all that it leaves."""
        return (self.output, *self.others)


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One use of a specialised definition: its arguments and the type it was applied to.

    Of several tensors, which the definition does not read, it is the type of the first.
    """

    arguments: dict[str, Any]
    input: TensorType


@dataclass(slots=True, eq=False)
class Graph:
    """A network for given arguments and input shape."""

    name: str
    doc: str
    #: The model's definition with every argument in force, for printing and for `--set`.
    entry: BlockValue
    arguments: dict[str, Any]
    inputs: list[GraphInput] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    #: What the outputs are called; where it is empty, after the nodes that make them.
    output_labels: list[str] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    types: list[TensorType] = field(default_factory=list)
    weights: list[NamedWeight] = field(default_factory=list)
    facts: dict[tuple[Specialization, Statement], list[Instance]] = field(default_factory=dict)
    uses: dict[Specialization, list[Use]] = field(default_factory=dict)
    #: The network as its file has it, where that leaves sizes to the run time and this one has
    #: numbers: source code is made for all sizes.
    declared: Graph | None = None
    #: The file it came from; a graph put together by hand has none.
    program: Program | None = None
    #: What is odd about the network, though not wrong.
    warnings: list[Diagnostic] = field(default_factory=list)

    @property
    def input_types(self) -> list[TensorType]:
        return [self.types[i.value] for i in self.inputs]

    @property
    def output_types(self) -> list[TensorType]:
        return [self.types[value] for value in self.outputs]

    @property
    def output_names(self) -> list[str]:
        """`output`, or the labels of several."""
        if len(self.outputs) == 1:
            return ["output"]
        if self.output_labels:
            return self.output_labels
        makers = {value: node.path for node in self.nodes for value in node.outputs}
        return [makers.pop(v, f"output{i}") for i, v in enumerate(self.outputs)]

    @property
    def parameters(self) -> int:
        """Number of trainable entries."""
        return sum(_size(w.weight.shape) for w in self.weights if w.weight.trainable)

    @property
    def macs(self) -> Dim:
        """Multiply-accumulates of one sample's forward pass, as papers count them."""
        return total(n.op.macs(*(self.types[i] for i in n.inputs)) for n in self.nodes)

    @property
    def is_sized(self) -> bool:
        """Whether the input has a number for every size, none of them known at run time only."""
        return all(t.is_known for t in self.input_types)


def _size(shape: tuple[int, ...]) -> int:
    count = 1
    for dimension in shape:
        count *= dimension
    return count
