"""What an operation is: one class with its signature, shape rule, weights, cost and documentation.

The resolver binds arguments by this signature, the elaborator calls `infer`, backends look their
emit rules up by class, and reference pages print the docstrings. An instance is a *bound*
operation: every attribute is a concrete value. Code generators keep attributes as expressions
beside it and use the class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar, dataclass_transform

from resdsl.expressions.nodes import Expr
from resdsl.ops.attributes import Kind
from resdsl.ops.initializers import Initializer
from resdsl.records import MISSING, Field, dataclass, field, fields
from resdsl.sizes import Dim
from resdsl.types import TensorType

if TYPE_CHECKING:
    from fractions import Fraction

#: How much positions thin out. A fraction only where an operation makes more of them.
Ratio: TypeAlias = "int | Fraction"


class OpError(Exception):
    """Why an operation cannot be applied to its input; the elaborator adds the place."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@dataclass(frozen=True, slots=True)
class Weight:
    """One array that a layer owns, in PyTorch's layout and under PyTorch's name.

    The name is empty where the array bears the name of the item itself.
    `fan_in` and `fan_out` are what the initializer scales by (for a bias: its layer's).
    `trainable` is false for running statistics.
    """

    name: str
    shape: tuple[int, ...]
    init: Initializer
    fan_in: int = 1
    fan_out: int = 1
    trainable: bool = True


class Op:
    """Base of all operations. Subclasses are made by the `op` decorator."""

    name: ClassVar[str]
    #: Draws random numbers in training, so that parity must inject the mask.
    stochastic: ClassVar[bool] = False
    #: Has settings that a layer keeps, so that one is made even where it has no weights.
    is_layer: ClassVar[bool] = False
    #: Its one weight bears the name of the item itself, as an attribute beside the layers; so it
    #: cannot stand in a sequence, where layers alone are numbered.
    bare_weight: ClassVar[bool] = False
    #: Its output channels follow from its input's alone, so that layers have to be told of those.
    sized_by_input: ClassVar[bool] = False
    #: Joins take several inputs of one step. Other operations take the current tensor, and those
    #: that their arguments name.
    is_join: ClassVar[bool] = False
    #: What its gradient reads again, so that training has to keep it: its "inputs", its "result",
    #: a random "mask", or "nothing".
    gradient_reads: ClassVar[str] = "inputs"
    #: Attributes that decide which code is written: one value in all uses of a block.
    decisive: ClassVar[tuple[str, ...]] = ()
    #: Whether the shapes of its weights depend on the input's positions.
    sized_weights: ClassVar[bool] = False
    #: Whether it works on the current tensor; one that does not is given all its tensors.
    takes_current: ClassVar[bool] = True
    #: Whether the channels of the result depend on the input's sizes.
    needs_sizes: ClassVar[bool] = False
    #: Leaves a list of tensors, under its label.
    is_list: ClassVar[bool] = False

    def problems(self) -> Iterator[str]:
        """What is wrong between attributes that are each valid, in the author's words."""
        return iter(())

    def infer(self, *inputs: TensorType) -> TensorType:
        """Type of the result. Raises `OpError` if the operation does not fit its inputs."""
        raise NotImplementedError

    def infer_all(self, *inputs: TensorType) -> tuple[TensorType, ...]:
        """Types of all results: of one, unless the operation leaves a list."""
        return (self.infer(*inputs),)

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        """The arrays the operation owns on an input of type `x`, in PyTorch's order."""
        return ()

    def macs(self, *inputs: TensorType) -> Dim:
        """Multiply-accumulates for one sample (additions alone do not count)."""
        return 0

    def strides(self) -> Ratio | tuple[Ratio, ...] | None:
        """By how much positions thin out: one number, or one for each spatial dimension; `None`
        where positions end."""
        return 1

    def mask_shape(self, x: TensorType) -> tuple[Dim, ...]:
        """Shape of the mask that a stochastic operation draws for one sample."""
        return x.shape

    def positions_of(self) -> int:
        """The number of the input whose positions the result has (or `strides` of them)."""
        return 0

    def is_identity(self, x: TensorType) -> bool:
        """Whether it leaves `x` as it is, so that no node is needed for it."""
        return False

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        """The output channels as an expression over the input's (`sizes`: its spatial ones, if the
        operation needs them). For a tensor, `attributes` hold the channels."""
        return channels


class UnaryOp(Op):
    """An operation on one tensor."""

    def infer(self, *inputs: TensorType) -> TensorType:
        if len(inputs) != 1:
            raise OpError(f"`{self.name}` takes one tensor, and gets {len(inputs)}")
        return self.result(inputs[0])

    def result(self, x: TensorType) -> TensorType:
        """Type of the result on `x`: the same unless an operation says otherwise."""
        return x


OpT = TypeVar("OpT", bound=Op)
OPS: dict[str, type[Op]] = {}


def attribute(doc: str, kind: Kind, default: Any = MISSING) -> Any:
    """Declare an attribute: what it means, which values it takes, its default."""
    return field(default=default, metadata={"doc": doc, "kind": kind})


@dataclass_transform(frozen_default=True, field_specifiers=(attribute,))
def op(name: str) -> Callable[[type[OpT]], type[OpT]]:
    """Register a class as the operation called `name` in the language."""

    def register(cls: type[OpT]) -> type[OpT]:
        defined = dataclass(frozen=True)(cls)
        defined.name = name
        OPS[name] = defined
        return defined

    return register


_attributes: dict[type[Op], dict[str, Field[Any]]] = {}


def attributes_of(kind: type[Op]) -> dict[str, Field[Any]]:
    """The attributes of an operation by name, in positional order."""
    known = _attributes.get(kind)
    if known is None:
        known = _attributes[kind] = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    return known


def tensors_of(kind: type[Op]) -> tuple[str, ...]:
    """The attributes of an operation that are tensors, in positional order."""
    known = attributes_of(kind)
    return tuple(name for name, f in known.items() if f.metadata["kind"].is_tensor)


def required(attribute_field: Field[Any]) -> bool:
    """Whether a use of the operation must give this attribute."""
    return attribute_field.default is MISSING
