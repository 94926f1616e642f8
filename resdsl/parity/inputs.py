"""At which input size to compare, where the author of the command does not say.

Agreement does not depend on the size, and time does. But a small input can be degenerate: a batch
norm over few values divides by a variance near zero and multiplies rounding, and a map of 1 x 1
hides how padding and strides meet the border.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import prod

from resdsl.diagnostics import CompileError, error
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate import elaborate
from resdsl.passes.elaborate.boundary import InputShape, Shape
from resdsl.passes.load import (
    elaborate_with,
    load_program,
    parse_shapes,
    pick_model,
    settings_of,
    split_target,
)
from resdsl.sizes import dimensions
from resdsl.types import TensorType

#: Lengths of each dimension that are tried, in order.
SIDES = (32, 64, 96, 128, 160, 192, 224)
#: Least number of positions that every batch norm must see: a map of 2 x 2.
POSITIONS = 4


def load_network(
    target: str,
    settings: Iterable[str] = (),
    input: str | None = None,
    import_root: str | None = None,
) -> Graph:
    """The network of `net.res:model`, at `input` (`3x64x64`) or at a small size that tells.

    `settings` are texts such as `classes=10`. Raises `CompileError` for whatever is wrong.
    """
    wanted = split_target(target)
    program = load_program(wanted.path, import_root)
    model = pick_model(program, wanted)
    overrides = settings_of(program, settings)

    def at(shape: InputShape | None) -> Graph:
        return elaborate_with(program, model, overrides, shape)

    if input is None:
        return small_graph(at)
    graph = at(parse_shapes(input))
    if not graph.is_sized:
        raise error("R0601", f"`--input {input}` leaves a size open, and numbers are compared")
    declared = elaborate(program, model, overrides)
    return graph if declared.is_sized else replace(graph, declared=declared)


def small_graph(at: Callable[[InputShape | None], Graph]) -> Graph:
    """The network at the smallest input that still tells; `at(None)` is the declared one."""
    declared = at(None)
    if not declared.is_sized:
        return replace(sized(declared, at), declared=declared)
    shapes = {i.name: declared.types[i.value].numbers for i in declared.inputs}
    # Several inputs are made smaller together, where they have one size.
    if len({shape[1:] for shape in shapes.values()}) != 1 or declared.input_types[0].rank == 0:
        return declared
    positions = declared.input_types[0].numbers[1:]
    weights = [(w.name, w.weight.shape) for w in declared.weights]
    # Behind a global pool a batch norm sees a value of each sample, at whatever size.
    sparse = {path for path, count in statistics(declared, 1) if count < POSITIONS}
    for side in SIDES:
        if side >= max(positions):
            break
        try:
            small = tuple(min(side, size) for size in positions)
            graph = at(_of_all({name: (shape[0], *small) for name, shape in shapes.items()}))
        except CompileError:
            continue  # Too small for this network: a kernel or an `expect` says so.
        same = [(w.name, w.weight.shape) for w in graph.weights] == weights
        if same and all(n >= POSITIONS for path, n in statistics(graph, 1) if path not in sparse):
            return graph
    return declared


def _of_all(shapes: dict[str, Shape]) -> InputShape:
    """The shape of the only input, or those of several by name."""
    (first, *others) = shapes.values()
    return shapes if others else first


def sized(
    declared: Graph, at: Callable[[InputShape | None], Graph], sides: Iterable[int] = SIDES
) -> Graph:
    """A network that leaves sizes to the run time, at small ones, no two of them alike."""
    failure: CompileError | None = None
    for side in sides:
        try:
            types = {i.name: declared.types[i.value] for i in declared.inputs}
            graph = at(_of_all({name: _multiples(t, side) for name, t in types.items()}))
        except CompileError as problem:
            failure = problem
            continue
        smallest = smallest_statistics(graph, 1)
        if smallest is None or smallest[1] >= POSITIONS:
            return graph
    raise failure or error(
        "R0601",
        f"`{declared.name}` leaves sizes of its input to the run time",
        help="give them with `--input`",
    )


def _multiples(type_: TensorType, side: int) -> Shape:
    """The sizes that are numbers, and for the others multiples of what they must be, from `side`
    on: each one more than the one before, so that none can be taken for another."""
    shape: list[int] = []
    free = 0
    for size in type_.shape:
        if isinstance(size, int):
            shape.append(size)
            continue
        (dimension,) = dimensions(size)
        shape.append((-(-side // dimension.multiple) + free) * dimension.multiple)
        free += 1
    return tuple(shape)


def statistics(graph: Graph, batch: int) -> list[tuple[str, int]]:
    """The batch norms, and how many values per channel each sees."""
    return [
        (node.path, batch * prod(graph.types[node.output].numbers[1:]))
        for node in graph.nodes
        if node.op.name == "batch_norm"
    ]


def smallest_statistics(graph: Graph, batch: int) -> tuple[str, int] | None:
    """The batch norm that sees the fewest values per channel, and how many."""
    return min(statistics(graph, batch), key=lambda c: c[1], default=None)
