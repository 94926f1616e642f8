"""Variables of the constructor that carry channels: through loops, past choices, and where an
expression would grow too long to be written again and again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from resdsl.codegen.lower.values import SymbolicTensor
from resdsl.codegen.plan import Assign, SymbolicOp
from resdsl.expressions.nodes import Expr, Name
from resdsl.expressions.simplify import names_in
from resdsl.records import fields, replace

if TYPE_CHECKING:
    from resdsl.codegen.lower.frame import ClassFrame

#: Names and operators of the longest expression that is written out wherever it is needed.
LONGEST = 25


def carrier(frame: ClassFrame, channels: Expr) -> Name:
    """The variable that carries channels on from here. One that nobody will read again as it is
    carries further; else a new one starts."""
    if isinstance(channels, Name) and channels.id in frame.carriers:
        held = set().union(*(names_in(t.channels) for t in frame.held))
        if channels.id not in held:
            return channels
    variable = trial_variable(frame) if frame.tries else Name(frame.names.fresh("channels"))
    frame.carriers.add(variable.id)
    frame.init.append(Assign(variable.id, channels))
    return variable


def trial_variable(frame: ClassFrame) -> Name:
    """A variable of a trial, which is never written: unlike all others, and as long as a name."""
    frame.tries += 1
    return Name(f"@channels{frame.tries}")


def move(frame: ClassFrame, variable: Name, channels: Expr) -> None:
    """`variable` carries other channels from here on."""
    if channels != variable:
        frame.init.append(Assign(variable.id, channels))


def snapshot(frame: ClassFrame, channels: Expr, name: str) -> Expr:
    """Channels as they are now: what carries them may move on before they are read."""
    return frame.assign(name, channels) if names_in(channels) & frame.carriers else channels


def settled(frame: ClassFrame, op: SymbolicOp) -> SymbolicOp:
    """An operation of the forward pass, which runs when the constructor is done."""
    attributes = {n: snapshot(frame, e, f"{op.kind.name}_{n}") for n, e in op.attributes.items()}
    return op if attributes == op.attributes else replace(op, attributes=attributes)


def shortened(frame: ClassFrame, tensor: SymbolicTensor) -> SymbolicTensor:
    """A tensor whose channels are not too long to be written several times."""
    stride = tensor.stride
    if stride is not None and size(stride) > LONGEST:
        tensor = replace(tensor, stride=None)
    if size(tensor.channels) > LONGEST:
        tensor = replace(tensor, channels=frame.assign("channels", tensor.channels))
    return tensor


def size(expression: Any) -> int:
    """How many names, numbers and operators an expression has."""
    if isinstance(expression, tuple):
        return sum(map(size, expression))
    if not hasattr(expression, "__dataclass_fields__"):
        return 0
    parts = [getattr(expression, f.name) for f in fields(expression) if f.name != "span"]
    return 1 + sum(size(part) for part in parts if not isinstance(part, str | int | float))


@contextmanager
def holding(frame: ClassFrame, *tensors: SymbolicTensor) -> Iterator[None]:
    """While something else is lowered, these tensors stay in need."""
    frame.held.extend(tensors)
    yield
    del frame.held[len(frame.held) - len(tensors) :]
