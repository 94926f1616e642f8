"""A network as a tree of scopes: stages, blocks, groups and, as leaves, operations.

The graph is flat; its nodes' paths and chains of calls say what they belong to. Summaries, pictures
and differences all read this tree, so that they agree on what a stage is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from resdsl.ir.call_text import value_text
from resdsl.ir.graph import Frame, Graph, Node
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Nodes that stand together: a stage, a block called, or a labelled group."""

    path: str
    nodes: tuple[Node, ...]
    items: tuple[Item, ...]
    #: The calls of blocks that it is made of: one for a block, one for each block of a stage.
    calls: tuple[Frame, ...]
    is_stage: bool

    @property
    def is_block(self) -> bool:
        """Whether it is one call of a block."""
        return len(self.calls) == 1 and not self.is_stage

    @property
    def text(self) -> str:
        """`bottleneck(width = 64)`, `3 x bottleneck(width = 64)`; nothing for a mere group."""
        if not self.calls:
            return ""
        called = _called(self.calls)
        return called if self.is_block else f"{len(self.calls)} x {called}"

    @property
    def short(self) -> str:
        """The same for a picture: `3 x bottleneck(64), /2`."""
        if not self.calls:
            return ""
        values, stride = _given(self.calls), ""
        if "stride" in values:
            stride = f", /{values.pop('stride')}"
        called = self.calls[0].name
        if values:
            called += f"({', '.join(values.values())})"
        return (called if self.is_block else f"{len(self.calls)} x {called}") + stride

    @property
    def scopes(self) -> Iterator[Scope]:
        """The scopes directly inside."""
        return (item for item in self.items if isinstance(item, Scope))


Item: TypeAlias = "Scope | Node"


def structure(graph: Graph) -> Scope:
    """The whole network as one scope with an empty path."""
    items = tuple(_items(graph.nodes, "", 0))
    return Scope("", tuple(graph.nodes), items, (), False)


def results(node: Node) -> tuple[int, ...]:
    """All the values that an operation leaves."""
    return node.outputs


def last_name(path: str) -> str:
    """The last part of a path: what an item is called in its scope."""
    return path.rpartition(".")[2]


def _items(nodes: Sequence[Node], prefix: str, level: int) -> Iterator[Item]:
    """The items beneath `prefix`; `level` counts the calls of blocks that led there."""
    for path, inside in _runs(nodes, len(prefix) + 1 if prefix else 0):
        if len(inside) == 1 and inside[0].path == path:
            yield inside[0]
            continue
        calls = _calls(inside, level)
        is_stage = bool(calls) and (len(calls) > 1 or _is_stage_of_one(path, calls[0]))
        # The blocks of a stage are beneath it, and come from the very same calls.
        deeper = level + (len(calls) == 1 and not is_stage)
        yield Scope(path, tuple(inside), tuple(_items(inside, path, deeper)), calls, is_stage)


def _runs(nodes: Sequence[Node], start: int) -> Iterator[tuple[str, list[Node]]]:
    """Nodes by the item they belong to, `start` being where its name begins.

    What a scope holds is computed in one go. Where a name comes back after others it is that of a
    list (`down[i]`), and each of its elements is an item of its own.
    """
    keys = [_cut(node.path, start) for node in nodes]
    runs = Counter(key for key, _ in groupby(keys))
    keys = [
        key if runs[key] == 1 else _cut(node.path, len(key) + 1)
        for key, node in zip(keys, nodes, strict=True)
    ]
    for key, pairs in groupby(zip(keys, nodes, strict=True), lambda pair: pair[0]):
        yield key, [node for _, node in pairs]


def _cut(path: str, start: int) -> str:
    end = path.find(".", start)
    return path if end < 0 else path[:end]


def _calls(nodes: Sequence[Node], level: int) -> tuple[Frame, ...]:
    """The calls of one block, `level` deep from the outside, that make up the nodes; none where an
    operation among them stands in no such call, or in a call of another block."""
    found: dict[int, Frame] = {}
    for node in nodes:
        chain = list(node.origin.frame.chain()) if node.origin.frame is not None else []
        if len(chain) <= level:
            return ()
        frame = chain[-1 - level]
        found[id(frame)] = frame
    calls = tuple(found.values())
    return calls if len({call.name for call in calls}) == 1 else ()


def _is_stage_of_one(path: str, call: Frame) -> bool:
    return bool(call.stage) and not last_name(path).isdigit()


def _called(calls: Sequence[Frame]) -> str:
    """The call as an author would write it."""
    given = ", ".join(f"{name} = {text}" for name, text in _given(calls).items())
    return f"{calls[0].name}({given})" if given else calls[0].name


def _given(calls: Sequence[Frame]) -> dict[str, str]:
    """What all the calls were given alike, by name.

    The stride of a stage is that of its first block, and not worth a word where it is 1.
    """
    found = {}
    for name, value in calls[0].arguments.items():
        if name == "stride" and value == 1:
            continue
        text = value_text(value)
        same = all(call.arguments.get(name) == value for call in calls[1:])
        if text and (same or name == "stride"):
            found[name] = text
    return found
