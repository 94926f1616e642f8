"""What a picture shows of a network: boxes, joins, and arrows between them.

No coordinates yet. Operations are gathered into boxes (`grouping`), and the shortcuts of residual
blocks become arrows (`shortcuts`), as in He et al. 2015, Figure 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from resdsl.analysis.drawing.grouping import Group, group_nodes
from resdsl.analysis.drawing.shortcuts import shortcuts
from resdsl.analysis.op_text import op_text
from resdsl.analysis.summary import quoted
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass
from resdsl.sizes import short, typical
from resdsl.types import TensorType

#: Signs of the joins; a sum needs none where a shortcut arrives.
SIGNS = {"add": "+", "sub": "\u2212", "mul": "\u00d7", "concat": "c"}


@dataclass(frozen=True, slots=True)
class Extent:
    """The positions of a result: `56 × 56`, and in numbers, so that larger ones stand above
    smaller ones; no numbers for what has no positions."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """One thing in the picture. `sign` is that of a join, empty for everything else."""

    text: str
    #: "layer", "pool", "scope", "stage" (of several blocks), "join", "input" or "output".
    role: str
    size: Extent
    #: More about it, for who points at it.
    title: str
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A tensor on its way from one box to another, by their places in the scene."""

    source: int
    target: int
    #: A shortcut that is not the identity: `title` says what it does on its way.
    is_dotted: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A network as boxes in topological order, and arrows."""

    name: str
    #: What it comes to: `21.80 M parameters, 3.66 G multiply-adds`.
    caption: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    #: Sums at which a shortcut arrives have no sign, as in the paper.
    has_bare_sums: bool = False


LEVELS = ("stage", "block", "layer", "none")


def scene_of(graph: Graph, collapse: str = "layer") -> Scene:
    """What to draw of a network.

    `collapse` is what becomes one box: "stage" (or any outermost scope), "block", "layer" (an
    operation with the norm and activation around it), or "none": every operation is a box.
    """
    groups = group_nodes(graph, collapse)
    found = shortcuts(graph, groups) if collapse == "layer" else []
    hidden = {id(group) for shortcut in found for group in shortcut.groups}
    shown = [group for group in groups if id(group) not in hidden]
    boxes = [_input_box(graph, index) for index in range(len(graph.inputs))]
    place = {i.value: index for index, i in enumerate(graph.inputs)}
    usual = _usual_activation(graph)
    for group in shown:
        place.update((value, len(boxes)) for node in group.nodes for value in node.outputs)
        boxes.append(_box(graph, group, usual))
    arrows: dict[tuple[int, int], Arrow] = {}
    for shortcut in found:
        ends = (place[shortcut.source], place[shortcut.join.nodes[0].output])
        arrows[ends] = Arrow(*ends, True, _shortcut_title(graph, shortcut.groups))
    skipped = {v for s in found for group in s.groups for n in group.nodes for v in n.outputs}
    for group in shown:
        target = place[group.nodes[0].output]
        for value in _read(group):
            if value not in skipped and place[value] != target:
                arrows.setdefault((place[value], target), Arrow(place[value], target))
    _add_outputs(graph, boxes, arrows, place)
    caption, macs = f"{quoted(graph.parameters)} parameters", graph.macs
    if isinstance(macs, int):
        caption += f", {quoted(macs)} multiply-adds"
    return Scene(
        graph.name, caption, tuple(boxes), tuple(arrows.values()), has_bare_sums=collapse == "layer"
    )


def _add_outputs(
    graph: Graph,
    boxes: list[Box],
    arrows: dict[tuple[int, int], Arrow],
    place: Mapping[int, int],
) -> None:
    """Several results are shown as such; a single one is where the picture ends."""
    if len(graph.outputs) < 2:
        return
    for number, value in enumerate(graph.outputs):
        type_ = graph.types[value]
        arrows[(place[value], len(boxes))] = Arrow(place[value], len(boxes))
        boxes.append(Box(str(type_), "output", extent(type_), f"output {number}"))


def _input_box(graph: Graph, index: int) -> Box:
    type_ = graph.types[graph.inputs[index].value]
    return Box(str(type_), "input", extent(type_), graph.inputs[index].name)


def _box(graph: Graph, group: Group, usual: str) -> Box:
    last = group.nodes[-1]
    size = extent(graph.types[(last if group.scope else group.main).output])
    if group.scope is not None:
        text = f"{_short_path(group.scope.path)}: {group.scope.short}".rstrip(": ")
        role = "stage" if len(group.scope.calls) > 1 else "scope"
        return Box(text, role, size, _scope_title(graph, group))
    main = group.main
    title = f"{', '.join(node.path for node in group.nodes)}: {graph.types[last.output]}"
    if main.op.is_join and len(set(main.inputs)) > 1:
        sign = SIGNS.get(main.op.name, main.op.name)
        return Box("", "join", size, f"{main.op.name} {title}", sign)
    text = op_text(main.op, *_types(graph, main))
    beside = [node.op.name for node in group.nodes if node is not main]
    if group.is_quiet:
        text = ", ".join(op_text(node.op, *_types(graph, node)) for node in group.nodes)
    else:
        text += "".join(f", {_words(name)}" for name in beside if _is_unusual(name, usual))
    role = "pool" if "pool" in main.op.name else "layer"
    return Box(text, role, size, title)


def extent(type_: TensorType) -> Extent:
    """The positions of a type."""
    text = " × ".join(map(short, type_.spatial)) or "1"
    return Extent(text, tuple(map(typical, type_.spatial)))


def _short_path(path: str) -> str:
    """The name at the end of a path; a block's number with the name of its stage."""
    parts = path.split(".")
    return ".".join(parts[-2:] if parts[-1].isdigit() else parts[-1:])


def _types(graph: Graph, node: Node) -> tuple[TensorType, TensorType]:
    return graph.types[node.inputs[0]], graph.types[node.output]


def _scope_title(graph: Graph, group: Group) -> str:
    assert group.scope is not None
    type_ = graph.types[group.nodes[-1].output]
    return f"{group.scope.path}: {group.scope.text}: {type_}".replace(": :", ":")


def _shortcut_title(graph: Graph, groups: Sequence[Group]) -> str:
    return ", ".join(
        f"{group.main.path}: {op_text(group.main.op, *_types(graph, group.main))}"
        for group in groups
    )


def _read(group: Group) -> Iterable[int]:
    made = {value for node in group.nodes for value in node.outputs}
    return (value for node in group.nodes for value in node.inputs if value not in made)


#: What a gate or a head ends with, worth a word beside its layer.
_SQUASHING = frozenset({"sigmoid", "hard_sigmoid", "tanh", "softmax"})
_RECTIFYING = frozenset(
    {"relu", "relu6", "leaky_relu", "prelu", "elu", "silu", "gelu", "mish", "hard_swish"}
)


def _usual_activation(graph: Graph) -> str:
    """The activation the network has most; the others are named in the boxes."""
    counts: dict[str, int] = {}
    for node in graph.nodes:
        if node.op.name in _RECTIFYING:
            counts[node.op.name] = counts.get(node.op.name, 0) + 1
    return max(counts, key=lambda name: counts[name], default="")


def _is_unusual(name: str, usual: str) -> bool:
    return name in _SQUASHING or (name in _RECTIFYING and name != usual)


def _words(name: str) -> str:
    return name.replace("_", " ")
