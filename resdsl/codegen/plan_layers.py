"""Layers of classes to be written: operations, instances of classes, sequences of such.

A part of `plan`, where everything else imports it from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from resdsl.diagnostics import Span
from resdsl.expressions.nodes import Expr
from resdsl.ir.graph import Instance
from resdsl.ops import Op
from resdsl.records import dataclass

if TYPE_CHECKING:
    from resdsl.codegen.plan import ClassPlan


@dataclass(frozen=True, slots=True, eq=False)
class SymbolicOp:
    """An operation with expressions for attributes, and every instance of it in the network."""

    kind: type[Op]
    attributes: dict[str, Expr]
    instances: tuple[Instance, ...]
    #: Where the author wrote it.
    span: Span | None = None
    #: Channels of its first input, over the constructor's names.
    channels: Expr | None = None

    def forms(self, name: str) -> set[type]:
        """The types that an attribute has in the network."""
        return {type(getattr(instance.op, name)) for instance in self.instances}

    @property
    def example(self) -> Op:
        """One bound instance: for facts that all instances share."""
        op = self.instances[0].op
        assert op is not None
        return op


@dataclass(frozen=True, slots=True)
class OpLayer:
    """An operation as a layer object; `channels` and, where weights depend on it, `size` of x."""

    op: SymbolicOp
    channels: Expr
    size: Expr | None = None

    @property
    def bare(self) -> bool:
        """Whether it is no layer but a weight, which an operation without state is given."""
        op, instance = self.op, self.op.instances[0]
        return op.kind.bare_weight and bool(op.example.weights(instance.inputs[0]))


@dataclass(frozen=True, slots=True, eq=False)
class BlockLayer:
    """An instance of a generated class. `in_channels` and `in_size` are passed if it takes them."""

    plan: ClassPlan
    in_channels: Expr
    arguments: dict[str, Expr]
    in_size: Expr | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """`count` fresh copies of a layer."""

    layer: Layer
    count: Expr


@dataclass(frozen=True, slots=True)
class SequenceLayer:
    """Layers applied one after another, numbered from 0."""

    items: tuple[Layer | Repeat, ...]


@dataclass(frozen=True, slots=True)
class SequenceOf:
    """A sequence made of the layers in a local list, which conditions may leave empty."""

    local: str
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """No layer: passes its input on."""


@dataclass(frozen=True, slots=True)
class LocalLayer:
    """A layer held in a local variable."""

    local: str


Layer: TypeAlias = OpLayer | BlockLayer | SequenceLayer | SequenceOf | Empty | LocalLayer
