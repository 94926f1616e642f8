"""Where a network begins: the shape of its input, and whether anything comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from resdsl import ir
from resdsl.diagnostics import Diagnostic, Label, Severity, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean, listed
from resdsl.expressions.run_time import AnySize
from resdsl.expressions.values import describe, is_whole
from resdsl.ir.call_text import value_text
from resdsl.ir.graph import Graph
from resdsl.ops.attributes import MOST_AXES
from resdsl.sizes import dimension
from resdsl.types import TensorType

#: Sizes that are asked for in place of those in the text: `--input`.
Shape: TypeAlias = tuple[int | AnySize, ...]

_LARGEST_SIZE = 2**31
#: Channels, and as many spatial dimensions as windows slide over.
_MOST_SIZES = 1 + MOST_AXES


#: The shape of the only input, or shapes of several by name.
InputShape: TypeAlias = Shape | Mapping[str, Shape]


def shapes_of(block: ir.Block, given: InputShape | None) -> Mapping[str, Shape]:
    """Shapes that replace those in the text, by the names of the inputs."""
    names = [s.name.text for s in block.body if isinstance(s, ir.InputStep)]
    if given is None:
        return {}
    if isinstance(given, tuple):
        if len(names) > 1:
            raise error(
                "R0708",
                f"`{block.name}` has several inputs: say which one has this shape",
                help=f"`--input {names[0]}={'x'.join(map(str, given))}`",
            )
        return dict.fromkeys(names, given)
    for name in given:
        if name not in names:
            raise error(
                "R0708",
                f"`{block.name}` has no input called `{clipped(name)}`",
                help=did_you_mean(name, names) or f"it has {listed(names)}",
            )
    return given


def has_several_inputs(block: ir.Block) -> bool:
    """Whether a model has more than one input."""
    return sum(isinstance(step, ir.InputStep) for step in block.body) > 1


def unused_inputs(block: ir.Block, graph: Graph) -> Iterator[Diagnostic]:
    """A warning for each input that no operation reads."""
    steps = [s for s in block.body if isinstance(s, ir.InputStep)]
    used = {value for node in graph.nodes for value in node.inputs}
    for step, value in zip(steps, graph.inputs, strict=False):
        if value.value not in used:
            which = "the input" if len(graph.inputs) == 1 else f"the input `{value.name}`"
            message = f"{which} of `{block.name}` is not used"
            label = Label(step.span, "nothing is computed from it")
            yield Diagnostic("R0226", message, label, severity=Severity.WARNING)


def input_type(
    declared: tuple[Any, ...], asked: Shape | None, prefix: str, span: Span
) -> TensorType:
    """The type of an input, whose sizes `asked` for take the place of those in the text.

    Sizes known at run time are named after the axes, behind `prefix`. Raises `CompileError` for
    what no input can be.
    """
    if asked is not None:
        _check_multiples(declared, asked, span)
    shape = declared if asked is None else asked
    _check_shape(shape, span)
    names = _NAMES[len(shape) - 1]
    return TensorType(
        tuple(
            dimension(prefix + name, size.multiple) if isinstance(size, AnySize) else size
            for name, size in zip(("channels", *names), shape, strict=True)
        )
    )


#: Names of sizes known at run time, by rank.
_NAMES = ((), ("length",), ("h", "w"), ("d", "h", "w"))


def _check_multiples(declared: tuple[Any, ...], asked: Shape, span: Span) -> None:
    """Raise where a size that is asked for is no multiple of what the text says it is."""
    if len(declared) != len(asked):
        return
    for wanted, size in zip(declared, asked, strict=True):
        if not isinstance(wanted, AnySize):
            continue
        if (size.multiple if isinstance(size, AnySize) else size) % wanted.multiple:
            raise error(
                "R0318",
                f"an input of {_shown(asked)} does not fit: {size} is no multiple of "
                f"{wanted.multiple}",
                span,
                f"`{wanted}` here",
                help=_nearest(size, wanted.multiple),
            )


def _nearest(size: int | AnySize, multiple: int) -> str:
    """What could stand in place of a size that is no multiple of what it must be."""
    if isinstance(size, AnySize):
        return f"`any({multiple})` leaves it to the run time"
    below = size // multiple * multiple
    if not below:
        return f"the least multiple is {multiple}"
    return f"the nearest multiples are {below} and {below + multiple}"


def _shown(shape: tuple[Any, ...]) -> str:
    return " x ".join(value_text(s) or describe(s) for s in shape[:6])


def _check_shape(shape: tuple[Any, ...], span: Span) -> None:
    """Raise unless this version can take an input of that shape."""
    shown = _shown(shape)
    sizes = [s.multiple if isinstance(s, AnySize) else s for s in shape]
    if any(is_whole(s) and s >= _LARGEST_SIZE for s in sizes):
        raise error("R0312", "this input is too large", span, f"it would be {shown}")
    if isinstance(shape[0], AnySize):
        raise error(
            "R0316",
            "the channels of an input are a number, whatever its other sizes",
            span,
            f"this comes to {shown}",
            help="weights have their shapes from it: `input(3, any, any)`",
        )
    if not all(is_whole(s) and s > 0 for s in sizes):
        raise error(
            "R0316",
            "the sizes of an input are whole numbers, 1 or more, or `any`",
            span,
            f"this comes to {shown}",
            help="channels first, without the batch: `input(3, 224, 224)`",
        )
    if not 1 <= len(shape) <= _MOST_SIZES:
        raise error(
            "R0316",
            f"an input has {_MOST_SIZES} sizes at most, and this has {len(shape)}",
            span,
            f"this comes to {shown}",
            help="channels first, without the batch: `input(features)`, `input(channels, length)`, "
            "`input(3, 224, 224)`, or with a depth before height and width",
        )
