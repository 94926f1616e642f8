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
    """One fault in one network of one backend. `line` is that of the statement that is wrong, and
    `paths` are its nodes'; what is wrong with the training step alone has none.

    `text` is the changed source, `node` what is changed in an ONNX file.
    """

    network: str
    backend: str
    fault: str
    op: str = ""
    line: int | None = None
    paths: tuple[str, ...] = ()
    cause: str | None = None
    text: str = ""
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
    for fault in RUNTIME_FAULTS:
        if wanted is not None and fault.id not in wanted:
            continue
        # Smoothed labels are those of a classifier.
        if fault.targets is None or len(graph.output_types[0].shape) == 1:
            yield Mutant(name, backend, fault.id)


def onnx_mutants(
    name: str, graph: Graph, turn: int, wanted: Collection[str] | None
) -> Iterator[Mutant]:
    """The faults of ONNX files; the files themselves are made when they are run."""
    for number, fault in enumerate(ONNX_FAULTS):
        fitting = [n for n in graph.nodes if n.op.name in fault.kinds and fault.fits(n, graph)]
        if fitting and (wanted is None or fault.id in wanted):
            node = _placed(fitting, turn + number)
            paths = tuple(fault.paths(node, graph))
            first = next(n for n in graph.nodes if n.path == paths[0])
            yield Mutant(
                name,
                "onnx",
                fault.id,
                first.op.name,
                first.origin.span.line,
                paths,
                fault.cause,
                node=node,
            )


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
    whole = parsed_file(graph, backend)
    for number, fault in enumerate(SOURCE_FAULTS):
        if wanted is not None and fault.id not in wanted:
            continue
        fitting = [
            (position, nodes)
            for position, site in enumerate(whole.sites)
            if (nodes := _fitting(fault, site, graph))
        ]
        if not fitting:
            continue
        position, nodes = _placed(fitting, turn + number)
        parsed = whole.copy()
        mutant = _mutant(
            name, backend, fault, parsed, replace(parsed.sites[position], nodes=tuple(nodes))
        )
        if mutant is not None:
            yield mutant


def _fitting(fault: Fault, site: Site, graph: Graph) -> list[Node]:
    """The nodes of a site that a fault fits."""
    if site.kind not in fault.kinds or site.is_layer != fault.is_layer:
        return []
    nodes = [node for node in site.nodes if fault.fits(node, graph)]
    return nodes if not fault.all_fit or len(nodes) == len(site.nodes) else []


def parsed_file(graph: Graph, backend: str) -> Parsed:
    """A network's file and its sites."""
    module, target = TARGETS[backend]
    make = getattr(import_module(module), target)
    return parse(graph, make(), make())


def _mutant(name: str, backend: str, fault: Fault, parsed: Parsed, site: Site) -> Mutant | None:
    before = ast.dump(parsed.tree)
    try:
        paths = fault.edit(parsed, site) or site.paths
    except Inapplicable:
        return None
    changed = ast.dump(ast.fix_missing_locations(parsed.tree))
    assert changed != before, f"{fault.id} changed nothing in {name} for {backend}"
    _import_wrong(parsed, backend)
    found = next(node for node in parsed.graph.nodes if node.path == paths[0])
    return Mutant(
        network=name,
        backend=backend,
        fault=fault.id,
        op=found.op.name,
        line=found.origin.span.line,
        paths=tuple(paths),
        cause=fault.cause,
        text=parsed.text,
    )


def _import_wrong(parsed: Parsed, backend: str) -> None:
    place = 1 if ast.get_docstring(parsed.tree) else 0
    statement = ast.parse(f"from mutation.{backend}_faults import {WRONG}").body[0]
    parsed.tree.body.insert(place, statement)
