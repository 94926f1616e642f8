"""Every fault that a network can have in a backend, each at a place of its own."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from mutation.catalogue import SOURCE_FAULTS, Fault
from mutation.edits import WRONG, Inapplicable
from mutation.onnx_faults import ONNX_FAULTS
from mutation.runtime_faults import RUNTIME_FAULTS
from mutation.sites import Parsed, Site, parse
from resdsl.ir.graph import Graph, Node
from resdsl.parity.inputs import load_network
from resdsl.records import dataclass

T = TypeVar("T")

#: The targets that write source, for being written once with marks.
TARGETS = {
    "torch": ("resdsl.backends.torch.target", "TorchTarget"),
    "jax": ("resdsl.backends.jax.target", "JaxTarget"),
    "tensorflow": ("resdsl.backends.tensorflow.target", "KerasTarget"),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault in one network of one backend. `lines` are those of what is wrong, and `paths` its
    nodes'; what is wrong with the training step alone has none.

    `text` is the changed source, `probed` the same with probes, `node` what is changed in an ONNX
    file.
    """

    network: str
    backend: str
    fault: str
    op: str = ""
    lines: tuple[int, ...] = ()
    paths: tuple[str, ...] = ()
    text: str = ""
    probed: str = ""
    node: Node | None = None


def all_mutants(
    name: str, graph: Graph, backend: str, turn: int, wanted: Collection[str] | None = None
) -> Iterator[Mutant]:
    """All that can be made of a network in a backend, or by the faults that are wanted.

    `turn` picks places in the network.
    """
    if backend == "onnx":
        yield from onnx_mutants(name, graph, turn, wanted)
        return
    yield from mutants(name, graph, backend, turn, wanted)
    runtime = {fault.id for fault in RUNTIME_FAULTS}
    for fault in applicable(graph):
        if fault in runtime and (wanted is None or fault in wanted):
            yield Mutant(name, backend, fault)


def onnx_mutants(
    name: str, graph: Graph, turn: int, wanted: Collection[str] | None
) -> Iterator[Mutant]:
    """The faults of ONNX files; the files themselves are made when they are run."""
    for number, fault in enumerate(ONNX_FAULTS):
        fitting = [n for n in graph.nodes if n.op.name in fault.kinds and fault.fits(n, graph)]
        if fitting and (wanted is None or fault.id in wanted):
            node = _placed(fitting, turn + number)
            found = _at(list(fault.paths(node, graph)), graph)
            yield Mutant(name, "onnx", fault.id, *found, node=node)


def _placed(fitting: Sequence[T], turn: int) -> T:
    """The first, the one in the middle, or the last."""
    return fitting[(0, len(fitting) // 2, -1)[turn % 3]]


def networks(folder: Path) -> dict[str, Graph]:
    """The networks of a folder, by the name of their file."""
    return {path.stem: load_network(str(path)) for path in sorted(folder.glob("*.res"))}


def mutants(
    name: str, graph: Graph, backend: str, turn: int, wanted: Collection[str] | None = None
) -> Iterator[Mutant]:
    """What each fault makes of a network's file, where it applies."""
    plain, probed = (parsed_file(graph, backend, probed=p) for p in (False, True))
    for number, fault in enumerate(SOURCE_FAULTS):
        if wanted is not None and fault.id not in wanted:
            continue
        fitting = [
            (position, nodes)
            for position, site in enumerate(plain.sites)
            if (nodes := _fitting(fault, site, graph))
        ]
        if not fitting:
            continue
        position, nodes = _placed(fitting, turn + number)
        made = [_mutated(fault, file, backend, position, nodes) for file in (plain, probed)]
        if made[0] is not None and made[1] is not None:
            (text, paths), (probed_text, _) = made
            found = _at(paths, graph)
            yield Mutant(name, backend, fault.id, *found, text, probed_text)


def applicable(graph: Graph) -> list[str]:
    """The faults that a network's source can have, whichever framework it is for."""
    sites = parsed_file(graph, "torch").sites
    found = [f.id for f in SOURCE_FAULTS if any(_fitting(f, site, graph) for site in sites)]
    # Smoothed labels are those of a classifier.
    labels = len(graph.output_types[0].shape) == 1
    return [*found, *(f.id for f in RUNTIME_FAULTS if f.targets is None or labels)]


def _fitting(fault: Fault, site: Site, graph: Graph) -> list[Node]:
    """The nodes of a site that a fault fits."""
    if site.kind not in fault.kinds or site.is_layer != fault.is_layer:
        return []
    nodes = [node for node in site.nodes if fault.fits(node, graph)]
    return nodes if not fault.all_fit or len(nodes) == len(site.nodes) else []


def parsed_file(graph: Graph, backend: str, *, probed: bool = False) -> Parsed:
    """A network's file and its sites."""
    module, target = TARGETS[backend]
    make = getattr(import_module(module), target)
    return parse(graph, make(), make(), probed=probed)


def _mutated(
    fault: Fault, whole: Parsed, backend: str, position: int, nodes: list[Node]
) -> tuple[str, list[str]] | None:
    """A file with a fault at a site, and the paths of what is wrong then."""
    parsed = whole.copy()
    site = replace(parsed.sites[position], nodes=tuple(nodes))
    before = ast.dump(parsed.tree)
    try:
        paths = fault.edit(parsed, site) or site.paths
    except Inapplicable:
        return None
    changed = ast.dump(ast.fix_missing_locations(parsed.tree))
    assert changed != before, f"{fault.id} changed nothing in {whole.graph.name} for {backend}"
    _import_wrong(parsed, backend)
    return parsed.text, paths


def _at(paths: Sequence[str], graph: Graph) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
    """The operation at the first of some paths, their lines, and the paths."""
    nodes = [node for node in graph.nodes if node.path in set(paths)]
    lines = dict.fromkeys(node.origin.span.line for node in nodes)
    first = next(node for node in nodes if node.path == paths[0])
    return first.op.name, tuple(lines), tuple(paths)


def _import_wrong(parsed: Parsed, backend: str) -> None:
    place = 1 if ast.get_docstring(parsed.tree) else 0
    statement = ast.parse(f"from mutation.{backend}_faults import {WRONG}").body[0]
    parsed.tree.body.insert(place, statement)
