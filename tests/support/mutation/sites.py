"""Where a generated file says what: every operation of the network, as a node of the file's AST.

The file is written twice by the compiler: as it is, and with a mark around what each operation
comes to. Without its marks the second is the first, which is checked; so a site is known exactly,
with the operation's kind, its line in the `.res` file and its canonical paths.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from threading import Lock
from typing import Any

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python import forwards, module
from resdsl.codegen.python.layout import Doc, Group
from resdsl.codegen.python.target import Scribe, Target
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass

MARK = "at_"
#: Marks are numbered from here, so that all are equally long.
FIRST = 1000
_MARK = re.compile(rf"\b{MARK}\(\d{{4}}, ")


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One operation of a file: where it is made (`layer`) or applied (`call`).

    `node` is the AST of its expression, `owner` that of its class, and `attribute` what holds it
    where it is a layer that has a name. `nodes` are those of the network that run it.
    """

    kind: str
    nodes: tuple[Node, ...]
    is_layer: bool
    node: ast.expr
    owner: ast.ClassDef
    attribute: str | None
    op: SymbolicOp

    @property
    def line(self) -> int:
        """In the `.res` file."""
        return self.nodes[0].origin.span.line

    @property
    def paths(self) -> list[str]:
        """Of the network's nodes that it is."""
        return [node.path for node in self.nodes]


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """A generated file, which mutations change in place."""

    graph: Graph
    tree: ast.Module
    sites: list[Site]

    def copy(self) -> Parsed:
        """The same again, to be changed by itself."""
        copied: dict[int, ast.AST] = {}
        tree = deepcopy(self.tree, copied)
        sites = [
            replace(site, node=copied[id(site.node)], owner=copied[id(site.owner)])
            for site in self.sites
        ]
        return Parsed(self.graph, tree, sites)

    @property
    def text(self) -> str:
        """The file as it now is."""
        return ast.unparse(ast.fix_missing_locations(self.tree)) + "\n"

    def model(self) -> ast.ClassDef:
        """The class of the whole network: the last one that has operations."""
        owners = {site.owner for site in self.sites}
        return [n for n in self.tree.body if n in owners][-1]


class _Marking:
    """A target that marks what each operation comes to."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.ops: list[tuple[SymbolicOp, bool]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def layer(self, layer: OpLayer, scribe: Scribe) -> Doc:
        return self._marked(self._target.layer(layer, scribe), layer)

    def item(self, layer: OpLayer, scribe: Scribe) -> Doc:
        return self._marked(self._target.item(layer, scribe), layer)

    def function(self, op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
        text = self._target.function(op, arguments, scribe)
        return text if text in arguments else f"{self._mark(op, is_layer=False)}{text})"

    def _marked(self, made: Doc, layer: OpLayer) -> Doc:
        return Group(self._mark(layer.op, is_layer=True), (made,))

    def _mark(self, op: SymbolicOp, *, is_layer: bool) -> str:
        self.ops.append((op, is_layer))
        return f"{MARK}({FIRST + len(self.ops) - 1}, "


def _unmarked_length(value: Any) -> int:
    """`len`, to which marks are nothing: how long an expression is decides where it is broken."""
    length = builtins.len(value)
    if isinstance(value, str):
        length -= sum(builtins.len(mark) + 1 for mark in _MARK.findall(value))
    return length


#: One file at a time is written with marks.
_WRITING = Lock()


@contextmanager
def _marks_have_no_length() -> Iterator[None]:
    with _WRITING:
        forwards.len = _unmarked_length  # type: ignore[attr-defined]
        try:
            yield
        finally:
            del forwards.len  # type: ignore[attr-defined]


def parse(graph: Graph, target: Target, marked_target: Target, *, probed: bool) -> Parsed:
    """The file of a network, with its sites. `target` and `marked_target` are two of a kind."""
    plain = ast.parse(module.write_module(graph, target, probed=probed))
    marking = _Marking(marked_target)
    with _marks_have_no_length():
        tree = ast.parse(module.write_module(graph, marking, probed=probed))
    collector = _Collector(graph, marking.ops)
    tree = collector.visit(tree)
    assert ast.dump(tree) == ast.dump(plain), "marks changed the file"
    return Parsed(graph, tree, _with_sums(collector.sites, graph))


class _Collector(ast.NodeTransformer):
    """Takes the marks out, and notes what they marked."""

    def __init__(self, graph: Graph, ops: Sequence[tuple[SymbolicOp, bool]]) -> None:
        self._graph = graph
        self._ops = ops
        self._owner: ast.ClassDef | None = None
        self._attribute: str | None = None
        self.sites: list[Site] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self._owner = node
        self.generic_visit(node)
        self._owner = None
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        target = node.targets[0]
        if isinstance(target, ast.Attribute) and isinstance(node.value, ast.Call):
            self._attribute = target.attr
        self.generic_visit(node)
        self._attribute = None
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not (isinstance(node.func, ast.Name) and node.func.id == MARK):
            self.generic_visit(node)
            return node
        number, inner = node.args
        assert isinstance(number, ast.Constant) and isinstance(number.value, int)
        attribute, self._attribute = self._attribute, None
        made = self.visit(inner)
        op, is_layer = self._ops[number.value - FIRST]
        assert self._owner is not None
        bound = {id(instance.op) for instance in op.instances}
        nodes = tuple(n for n in self._graph.nodes if id(n.op) in bound)
        self.sites.append(Site(op.kind.name, nodes, is_layer, made, self._owner, attribute, op))
        return made


def _with_sums(sites: Sequence[Site], graph: Graph) -> list[Site]:
    """The sites with the nodes of the sums of residuals, which the file's plan does not know.

    A class's sums are those beside its layers, in order. A site that the network never comes to is
    left out.
    """
    found = []
    for owner in dict.fromkeys(site.owner for site in sites):
        own = [site for site in sites if site.owner is owner]
        places = {_place(n): None for s in own if s.attribute is not None for n in s.nodes}
        sums = [s for s in own if s.kind == "add" and not s.nodes]
        nodes = {
            place: [n for n in graph.nodes if _is_sum(n) and _place(n) == place] for place in places
        }
        for site in own:
            if site in sums:
                position = sums.index(site)
                own_nodes = (n[position] for n in nodes.values() if len(n) == len(sums))
                site = replace(site, nodes=tuple(sorted(own_nodes, key=graph.nodes.index)))
            found += [site] if site.nodes else []
    return found


def _is_sum(node: Node) -> bool:
    return node.op.name == "add"


def _place(node: Node) -> str:
    """The path of what a node stands in."""
    return node.path.rpartition(".")[0]
