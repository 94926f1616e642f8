"""At which input size to compare, where the author of the command does not say.

Agreement does not depend on the size, and time does. But a small input can be degenerate: a batch
norm over few values divides by a variance near zero and multiplies rounding, and a map of 1 x 1
hides how padding and strides meet the border.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from resdsl.diagnostics import CompileError
from resdsl.ir.graph import Graph
from resdsl.passes.load import (
    elaborate_with,
    load_program,
    parse_shape,
    pick_model,
    settings_of,
    split_target,
)

#: Heights and widths that are tried, in order.
SIDES = (32, 64, 96, 128, 160, 192, 224)
#: Least number of positions that every batch norm must see: a map of 2 x 2.
POSITIONS = 4

Shape = tuple[int, ...]


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

    def at(shape: Shape | None) -> Graph:
        return elaborate_with(program, model, overrides, shape)

    return small_graph(at) if input is None else at(parse_shape(input))


def small_graph(at: Callable[[Shape | None], Graph]) -> Graph:
    """The network at the smallest input that still tells; `at(None)` is the declared one."""
    declared = at(None)
    shapes = [type.shape for type in declared.input_types]
    if len(shapes) != 1 or len(shapes[0]) != 3:
        return declared
    channels, height, width = shapes[0]
    weights = [(w.name, w.weight.shape) for w in declared.weights]
    for side in SIDES:
        if side >= min(height, width):
            break
        try:
            graph = at((channels, side, side))
        except CompileError:
            continue  # Too small for this network: a kernel or an `expect` says so.
        same = [(w.name, w.weight.shape) for w in graph.weights] == weights
        smallest = smallest_statistics(graph, 1)
        if same and (smallest is None or smallest[1] >= POSITIONS):
            return graph
    return declared


def smallest_statistics(graph: Graph, batch: int) -> tuple[str, int] | None:
    """The batch norm that sees the fewest values per channel, and how many."""
    counts = [
        (node.path, batch * graph.types[node.output].size // graph.types[node.output].channels)
        for node in graph.nodes
        if node.op.name == "batch_norm"
    ]
    return min(counts, key=lambda c: c[1], default=None)
