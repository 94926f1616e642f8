"""`again`: a layer that is an attribute already, applied once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.codegen.lower.calls import Operands, channels_after
from resdsl.codegen.lower.channels import snapshot
from resdsl.codegen.lower.environment import Environment, Item, beyond
from resdsl.codegen.lower.frame import ONE, ClassFrame
from resdsl.codegen.lower.results import label_several, taken_apart
from resdsl.codegen.lower.values import SymbolicMap, SymbolicTensor, flowing
from resdsl.codegen.plan import CallLayer, CallOp, ForwardExpr, Held, Home, ListItem
from resdsl.expressions.nodes import Expr, Literal
from resdsl.expressions.simplify import names_in
from resdsl.records import replace

if TYPE_CHECKING:
    from resdsl.codegen.lower.body import BodyLowering


def keep_item(
    frame: ClassFrame,
    name: ir.ItemName,
    value: ForwardExpr,
    after: SymbolicTensor,
    environment: Environment,
    before: SymbolicTensor | None,
    named: dict[str, SymbolicTensor] | None = None,
) -> None:
    """Remember an item whose label `again` names: how it was applied, and what it left."""
    label = name.text if isinstance(name, ir.Fixed) else getattr(name, "base", "")
    if label not in frame.specialization.block.repeated:
        return
    kept: Expr | None = snapshot(frame, after.channels, f"{label}_channels")
    if names_in(kept) & frame.loop_names():
        kept = None
    stride = None
    if before is not None and before.stride == ONE:
        stride = after.stride
    elif before is not None and before.stride is not None and before.stride == after.stride:
        stride = ONE
    item = Item(value, kept, stride, named=named or {})
    number = environment.simplify(name.index) if isinstance(name, ir.Element) else None
    if isinstance(number, Literal):
        environment.items[f"{label}[{number.value}]"] = item
        other = environment.items.get(label)
        item = replace(item, mixed=other is not None and not _alike(other, item))
    environment.items[label] = item


def _alike(one: Item, other: Item) -> bool:
    """Whether two items of a list are one and the same function, or layers that are called."""
    if one.mixed or type(one.value) is not type(other.value):
        return False
    if not (isinstance(one.value, CallOp) and isinstance(other.value, CallOp)):
        return True
    left, right = one.value.op, other.value.op
    return (left.kind, left.attributes) == (right.kind, right.attributes)


def _item(step: ir.AgainStep, environment: Environment) -> Item | None:
    """The item that is to run again: that of its number, or any where all are alike."""
    number = None if step.index is None else environment.simplify(step.index)
    if isinstance(number, Literal):
        found = environment.items.get(f"{step.label}[{number.value}]")
        if found is not None:
            return found
    item = environment.items.get(step.label)
    if item is not None and item.mixed:
        raise beyond(
            f"one of `{step.label}`, which are different operations",
            step.span,
            "give the number itself, or labels without one",
        )
    return item


def again(
    lowering: BodyLowering,
    step: ir.AgainStep,
    environment: Environment,
    current: SymbolicTensor,
    variable: str,
) -> SymbolicTensor:
    """The item once more, on the current tensor."""
    item = _item(step, environment)
    if item is None:
        raise beyond(
            f"`again({step.label})` in another scope than `{step.label}`",
            step.span,
            f"run it again in the body where `{step.label}` stands",
        )
    value = _applied(item.value, step, environment, current)
    if item.results is not None:
        assert isinstance(value, CallLayer)
        several = taken_apart(lowering, step, item.results, value, current)
        label_several(lowering, step.name, several, environment)
        return flowing(several)
    if isinstance(value, CallOp):
        inputs = Operands.of(value.op.kind, current, item.named)
        channels: Expr | None = channels_after(value.op, inputs, step.span)
    else:
        channels = item.channels or _of_element(step, environment)
    if channels is None:
        raise beyond(
            f"the channels that `{step.label}` leaves in one of the rounds of its loop", step.span
        )
    stride = lowering.frame.product(current.stride, item.stride)
    after = SymbolicTensor(current.ref, channels, stride, current.types)
    return lowering.bound(step, step.name, value, after, environment, variable)


def _applied(
    value: ForwardExpr, step: ir.AgainStep, environment: Environment, current: SymbolicTensor
) -> ForwardExpr:
    match value:
        case CallOp(op=op, arguments=(first, *others), label=label):
            held = [
                replace(o, home=_at(o.home, step, environment)) if isinstance(o, Held) else o
                for o in others
            ]
            start = current.ref if op.kind.takes_current else first
            if label is not None and step.index is not None:
                label = replace(label, parts=(*label.parts[:-1], environment.simplify(step.index)))
            return replace(value, arguments=(start, *held), label=label)
        case CallLayer(home=home, arguments=(_, *more), plan=plan):
            value = replace(value, home=_at(home, step, environment))
            # A chain that begins with `from` runs on the tensor that it was handed.
            source = plan is not None and plan.source is not None
            return value if source else replace(value, arguments=(current.ref, *more))
        case _:
            return current.ref


def _at(home: Home, step: ir.AgainStep, environment: Environment) -> Home:
    """Where the layer or weight is that `again` names, for one of a list by its number."""
    if not isinstance(home, ListItem) or step.index is None:
        return home
    return replace(home, indices=(environment.simplify(step.index),))


def _of_element(step: ir.AgainStep, environment: Environment) -> Expr | None:
    """The channels of an item that bears a number, where they are kept in a list."""
    known = environment.labels.get(step.label)
    if not isinstance(known, SymbolicMap) or step.index is None:
        return None
    return known.item(environment.simplify(step.index)).channels
