"""From pairs of operations to changes, those of one kind gathered into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from resdsl.analysis.differences.align import Alignment
from resdsl.analysis.differences.meaning import meaning, meaning_text
from resdsl.analysis.differences.words import in_places, plural
from resdsl.analysis.structure import Item, Scope, last_name
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass, field

_Origin: TypeAlias = frozenset[tuple[int, int]]


@dataclass(slots=True, eq=False)
class Change:
    """One way in which the networks differ, and all the places where they do."""

    #: "attribute", "moved", "depth", "replaced", "added", "removed", "connection" or "weights".
    kind: str
    text: str
    places: list[str] = field(default_factory=list)
    #: What stands behind the text for a program: the attribute, its values.
    detail: dict[str, Any] = field(default_factory=dict)


def changes(one: Graph, other: Graph, found: Alignment) -> list[Change]:
    """Everything that differs, in the order of the networks, connections last."""
    depths, hidden = _depths(found)
    return [
        *depths,
        *_attributes(one, other, found.nodes),
        *_replaced(found.nodes),
        *_exchanged(found.exchanged),
        *_alone("removed", found.removed, hidden),
        *_alone("added", found.added, hidden),
        *_connections(one, other, found),
        *_shared(found),
    ]


def _depths(found: Alignment) -> tuple[list[Change], set[int]]:
    """Stages of another length; the blocks that one of them lacks need no more words."""
    changes_ = []
    hidden: set[int] = set()
    for a, b in found.scopes:
        if a.is_stage and b.is_stage and len(a.calls) != len(b.calls):
            counts = len(a.calls), len(b.calls)
            name = a.path if a.path == b.path else f"{a.path} ({b.path})"
            text = f"depth of {name}: {counts[0]} -> {counts[1]}"
            changes_.append(Change("depth", text, [a.path], dict(zip("ab", counts, strict=True))))
            hidden.update(id(item) for scope in (a, b) for item in scope.items)
    return changes_, hidden


@dataclass(frozen=True, slots=True)
class _Difference:
    """One attribute of one pair."""

    node: Node
    other: Node
    name: str
    values: tuple[Any, Any]


def _attributes(one: Graph, other: Graph, pairs: Sequence[tuple[Node, Node]]) -> Iterator[Change]:
    different = []
    for a, b in pairs:
        if a.op.name != b.op.name:
            continue
        before = meaning(a.op, one.types[a.inputs[0]])
        after = meaning(b.op, other.types[b.inputs[0]])
        names = [name for name in before if name in after and before[name] != after[name]]
        different += [_Difference(a, b, n, (before[n], after[n])) for n in names]
    moves, rest = _moves(different)
    yield from moves
    kinds = Counter(a.op.name for a, _ in pairs)
    gathered: dict[tuple[str, ...], list[_Difference]] = {}
    for each in rest:
        texts = [meaning_text(value) for value in each.values]
        gathered.setdefault((each.node.op.name, each.name, *texts), []).append(each)
    for (kind, name, before_text, after_text), same in gathered.items():
        places = [each.node.path for each in same]
        text = f"{_changed(name, before_text, after_text)} {plural(len(places), kind)}"
        text += in_places(places, "all of them" if len(places) == kinds[kind] > 4 else "")
        detail = {"op": kind, "attribute": name, "a": before_text, "b": after_text}
        yield Change("attribute", text, places, detail)


def _changed(name: str, before: str, after: str) -> str:
    """What became of an attribute, with the word that leads on to where."""
    if name in ("bias", "affine"):
        return f"{name} added to" if after == "true" else f"{name} removed from"
    return f"{name} {before} -> {after} in"


def _moves(different: Sequence[_Difference]) -> tuple[list[Change], list[_Difference]]:
    """Values that went from one operation of a scope to another, such as a stride, and the rest."""
    waiting: dict[tuple[str, ...], _Difference] = {}
    moved: dict[tuple[str, ...], list[str]] = {}
    gone: set[int] = set()
    for each in different:
        scope = each.node.path.rpartition(".")[0]
        before, after = each.values
        key = (scope, each.node.op.name, each.name)
        texts = (meaning_text(before), meaning_text(after))
        partner = waiting.pop((*key, *reversed(texts)), None)
        if partner is None:
            waiting[(*key, *texts)] = each
            continue
        gone |= {id(each), id(partner)}
        # The value that is unlike what others have is the one that moved: the larger stride.
        source, target = (each, partner) if _is_larger(before, after) else (partner, each)
        value = meaning_text(source.values[0])
        names = last_name(source.node.path), last_name(target.node.path)
        moved.setdefault((each.name, value, *names), []).append(scope)
    found = []
    for (name, value, source_name, target_name), scopes in moved.items():
        text = f"{name} {value} moved from {source_name} to {target_name}"
        text += f" in {plural(len(scopes), 'block')}{in_places(scopes)}"
        detail = {"attribute": name, "value": value, "from": source_name, "to": target_name}
        found.append(Change("moved", text, scopes, detail))
    return found, [each for each in different if id(each) not in gone]


def _is_larger(before: Any, after: Any) -> bool:
    try:
        return bool(before > after)
    except TypeError:
        return True


def _replaced(pairs: Sequence[tuple[Node, Node]]) -> Iterator[Change]:
    gathered: dict[tuple[str, str], list[str]] = {}
    for a, b in pairs:
        if a.op.name != b.op.name:
            gathered.setdefault((a.op.name, b.op.name), []).append(a.path)
    for (before, after), places in gathered.items():
        text = f"{before} -> {after} in {plural(len(places), 'place')}{in_places(places)}"
        yield Change("replaced", text, places, {"a": before, "b": after})


def _exchanged(pairs: Iterable[tuple[Item, Item]]) -> Iterator[Change]:
    """Items that have other operations altogether under the same name."""
    gathered: dict[tuple[str, str, str], list[str]] = {}
    for a, b in pairs:
        gathered.setdefault((last_name(a.path), _ops(a), _ops(b)), []).append(a.path)
    for (name, before, after), paths in gathered.items():
        text = f"{name}: {before} -> {after} in {plural(len(paths), 'place')}"
        text += in_places([path.rpartition(".")[0] for path in paths])
        yield Change("replaced", text, paths, {"a": before, "b": after})


def _alone(kind: str, items: Iterable[Item], hidden: set[int]) -> Iterator[Change]:
    """Operations and scopes that stand in one of the networks only."""
    gathered: dict[tuple[str, str], list[str]] = {}
    for item in items:
        if id(item) not in hidden:
            name = last_name(item.path)
            # A number says nothing, and the next one has another.
            is_numbered = isinstance(item, Node) and name.isdigit()
            gathered.setdefault(("" if is_numbered else name, _ops(item)), []).append(item.path)
    for (name, ops), paths in gathered.items():
        if not name:
            text = f"{kind} {plural(len(paths), ops)}{in_places(paths)}"
        elif len(paths) == 1:
            text = f"{kind} {paths[0]} ({ops})"
        else:
            text = f"{kind} {name} ({ops}) in {plural(len(paths), 'place')}"
            text += in_places([path.rpartition(".")[0] for path in paths])
        yield Change(kind, text, paths, {"ops": ops})


def _ops(item: Item) -> str:
    nodes = item.nodes if isinstance(item, Scope) else (item,)
    return _listed([node.op.name for node in nodes])


def _listed(names: Sequence[str]) -> str:
    counts = Counter(names)
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in counts.items())


def _connections(one: Graph, other: Graph, found: Alignment) -> Iterator[Change]:
    """Operations that read something else than their counterparts do.

    What was added or removed in between is seen through: it has been said already.
    """
    before = _Sources(one, {id(a): i for i, (a, _) in enumerate(found.nodes)})
    after = _Sources(other, {id(b): i for i, (_, b) in enumerate(found.nodes)})
    is_whole = not (found.removed or found.added or found.exchanged)
    for a, b in found.nodes:
        if _agree(a, before.of(a.inputs), after.of(b.inputs), is_whole):
            continue
        texts = (before.text(a), after.text(b))
        yield Change(
            "connection",
            f"{a.path} reads {texts[0]} -> {texts[1]}",
            [a.path],
            {"a": texts[0], "b": texts[1]},
        )
    reads, others = before.of(one.outputs), after.of(other.outputs)
    if len(reads) == len(others) and not _meet(reads, others):
        yield Change("connection", "the outputs come from other operations", ["output"])


def _agree(node: Node, reads: Sequence[_Origin], others: Sequence[_Origin], is_whole: bool) -> bool:
    """Whether two operations read the same; of `add` and `mul` in whatever order."""
    if len(reads) != len(others):
        # An operand more or less may be an operation added or removed, which has been said.
        return not is_whole and bool(frozenset().union(*reads) & frozenset().union(*others))
    if node.op.name in ("add", "mul"):
        reads, others = sorted(reads, key=sorted), sorted(others, key=sorted)
    return _meet(reads, others)


def _meet(reads: Sequence[_Origin], others: Sequence[_Origin]) -> bool:
    return all(x & y for x, y in zip(reads, others, strict=True))


def _shared(found: Alignment) -> Iterator[Change]:
    """Operations that use the weights of another one than their counterparts do."""
    partners = {id(a): id(b) for a, b in found.nodes}
    for a, b in found.nodes:
        if partners.get(id(a.owner)) != id(b.owner):
            text = f"{a.path} has the weights of {a.owner.path} -> {b.owner.path}"
            yield Change("weights", text, [a.path], {"a": a.owner.path, "b": b.owner.path})


class _Sources:
    """Where values come from: the pair, and which of its results; the network's input i is
    `(-1, i)`."""

    def __init__(self, graph: Graph, places: Mapping[int, int]) -> None:
        self._graph = graph
        self._made: dict[int, _Origin] = {
            given.value: frozenset({(-1, index)}) for index, given in enumerate(graph.inputs)
        }
        for node in graph.nodes:
            place = places.get(id(node))
            through = frozenset().union(*self.of(node.inputs))
            for number, value in enumerate(node.outputs):
                here = frozenset({(place, number)}) if place is not None else through
                self._made[value] = here

    def of(self, values: Iterable[int]) -> list[_Origin]:
        """The pairs behind each value."""
        return [self._made[value] for value in values]

    def text(self, node: Node) -> str:
        """What a node reads, by path."""
        paths = {value: n.path for n in self._graph.nodes for value in n.outputs}
        names = {given.value: given.name for given in self._graph.inputs}
        return ", ".join(paths.get(value) or names[value] for value in node.inputs)
