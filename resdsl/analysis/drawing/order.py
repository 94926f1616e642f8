"""The order of branches that lead into each other: from left to right, by Graphviz's `dot`.

Its ranks are our rows; of its coordinates only the order within a row is read (Gansner et al. 1993,
section 3: an order with few crossings is sought from row to row, again and again).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import fmean

from resdsl.analysis.drawing.scene import Arrow
from resdsl.diagnostics import error


def beside_the_first(
    rows: Sequence[int], height: int, chains: Sequence[Sequence[int]], arrows: Iterable[Arrow]
) -> list[float]:
    """How many places each chain stands to the right of the first one, on the average of its rows.

    `rows` are those of the boxes, and `chains` the boxes as paths from above to below. Raises R0722
    where pygraphviz is not installed.
    """
    levels, edges = list(rows), list[tuple[int, int]]()
    chain_of = {box: number for number, chain in enumerate(chains) for box in chain}
    along = {pair for chain in chains for pair in pairwise(chain)}
    members = [list(chain) for chain in chains]
    for arrow in arrows:
        source, target = arrow.source, arrow.target
        between = _points(levels, rows[source] + 1, rows[target])
        edges += pairwise([source, *between, target])
        if (source, target) in along:
            members[chain_of[source]] += between
    top, bottom = chains[0][0], chains[0][-1]
    above = _points(levels, 0, rows[top])
    below = _points(levels, rows[bottom] + 1, height)
    edges += [*pairwise([*above, top]), *pairwise([bottom, *below])]
    members[0] += [*above, *below]

    places = _places(levels, edges)
    middle = {levels[point]: places[point] for point in members[0]}
    return [fmean(places[point] - middle[levels[point]] for point in points) for points in members]


def _points(levels: list[int], start: int, end: int) -> list[int]:
    """New points, one in each row, for a line that passes there."""
    first = len(levels)
    levels += range(start, end)
    return list(range(first, len(levels)))


def _places(levels: Sequence[int], edges: Iterable[tuple[int, int]]) -> list[int]:
    """The place of each point in its row, from the left; an edge goes from one row to the next."""
    across = _dot(len(levels), edges)
    places = [0] * len(levels)
    taken: dict[int, int] = {}
    for point in sorted(range(len(levels)), key=lambda p: across[p]):
        places[point] = taken.get(levels[point], 0)
        taken[levels[point]] = places[point] + 1
    return places


def _dot(count: int, edges: Iterable[tuple[int, int]]) -> list[float]:
    """The horizontal coordinate of each point; without texts, so that no font plays a part."""
    try:
        from pygraphviz import AGraph
    except ImportError:
        raise error(
            "R0722",
            "branches that lead into each other are put in order by pygraphviz, which is not "
            "installed",
            help="`pip install 'resdsl[draw]'`, or `--format mermaid` or `dot`",
        ) from None
    graph = AGraph(directed=True)
    try:
        graph.node_attr.update(shape="point", width="0.1", label="")  # a text would need a font
        graph.add_nodes_from(range(count))
        graph.add_edges_from(edges)
        graph.layout(prog="dot")
        return [float(graph.get_node(point).attr["pos"].split(",")[0]) for point in range(count)]
    finally:
        graph.close()  # left to the interpreter's exit, it fails there
