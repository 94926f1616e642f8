"""Lists of tensors that labels fill, `y[i]: …`: kept in a local list or dictionary of `forward`."""

from __future__ import annotations

from resdsl import ir
from resdsl.codegen.lower.environment import Environment
from resdsl.codegen.lower.frame import ClassFrame
from resdsl.codegen.lower.lists import with_element
from resdsl.codegen.lower.values import SymbolicMap, SymbolicTensor
from resdsl.codegen.plan import BindItem, SetItem
from resdsl.expressions.nodes import Name
from resdsl.records import replace
from resdsl.types import TensorType


def announce_lists(frame: ClassFrame, body: ir.Body, environment: Environment) -> None:
    """Make the lists known that the rounds of a loop fill: later ones read what is there."""
    for statement in body:
        name = getattr(statement, "name", None)
        if isinstance(name, ir.Element) and name.base in frame.tapped:
            _list(frame, name.base, frame.types_after(statement, ()), environment)
        for inner in ir.inner_bodies(statement):
            announce_lists(frame, inner, environment)


def add_element(
    frame: ClassFrame, name: ir.Element, result: SymbolicTensor, environment: Environment
) -> None:
    """Put a result into the list of its label."""
    index = environment.simplify(name.index)
    taps = _list(frame, name.base, result.types, environment)
    taps = with_element(frame, taps, index, result)
    environment.labels[name.base] = taps
    frame.forward.append(BindItem(taps.name, index, result.ref, taps.keyed))
    channels = frame.tap_channels(name.base)
    frame.init.append(SetItem(channels, index, result.channels, taps.keyed))


def _list(
    frame: ClassFrame, base: str, types: tuple[TensorType, ...], environment: Environment
) -> SymbolicMap:
    """The list of a label, with one more element of these types."""
    taps = environment.labels.get(base)
    if not isinstance(taps, SymbolicMap):
        local, channels = frame.tap(base, is_list=True), frame.tap_channels(base)
        frame.lengths[channels] = local
        taps = SymbolicMap(local, Name(channels), (), base in frame.keyed.tensors)
    taps = replace(taps, types=tuple(dict.fromkeys(taps.types + types)))
    environment.labels[base] = taps
    return taps
