"""Where the values of a network stand in the `.res` text, as a trace can carry it.

A comparison names the line that a value comes from. `parity` has the network's graph at hand; a
trace that came from another machine has not, so that places are plain data, and a span is found
again only where the very same text is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from resdsl import library
from resdsl.diagnostics import CompileError, Source, Span
from resdsl.ir.graph import Graph, Node, Origin
from resdsl.records import dataclass, field
from resdsl.syntax import read_source

#: Characters of the words at a place that are kept.
WORDS = 120


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is made: `net.res:12:5`, the words there, and the calls that led to it,
    innermost first. `span` is there where the text is."""

    at: str
    words: str
    calls: tuple[str, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a network's weights in the network's order, of its outputs, and of every node
    by its path. `owners` are the paths of the nodes that have the weights."""

    weights: Mapping[str, Place] = field(default_factory=dict)
    outputs: Mapping[str, Place] = field(default_factory=dict)
    nodes: Mapping[str, Place] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> Place | None:
        """The place of a weight, an output or a value on the way. The loss is no value of the
        network: what is known of it is the output it is made of."""
        found = self.weights.get(name) or self.outputs.get(name)
        found = found or self.nodes.get(name.partition("#")[0])
        return found or next(iter(self.outputs.values()), None)


def places_of(graph: Graph) -> Places:
    """The places of one network."""
    found: dict[int, Place] = {}

    def place(node: Node) -> Place:
        # Kept by the origin: many nodes have one and the same.
        key = id(node.origin)
        if key not in found:
            found[key] = _place(node.origin)
        return found[key]

    makers = {value: node for node in graph.nodes for value in node.outputs}
    named = zip(graph.output_names, graph.outputs, strict=True)
    return Places(
        weights={w.name: place(w.node) for w in graph.weights},
        outputs={name: place(makers[value]) for name, value in named if value in makers},
        nodes={node.path: place(node) for node in graph.nodes},
        owners={w.name: w.node.path for w in graph.weights},
    )


def _place(origin: Origin) -> Place:
    frames = [] if origin.frame is None else origin.frame.chain()
    return Place(
        at=str(origin.span),
        words=_words(origin.span),
        calls=tuple(f"`{frame.text}` at {frame.span}" for frame in frames),
        span=origin.span,
    )


def _words(span: Span) -> str:
    """The beginning of what stands there, on one line."""
    text = " ".join(span.text.split())
    return text if len(text) <= WORDS else text[:WORDS] + "..."


def digest_of(source: Source) -> str:
    """Of a text, whatever it is called."""
    return hashlib.sha256(source.text.encode()).hexdigest()


def find_source(name: str, digest: str, folder: Path) -> Source | None:
    """The text `name` of this digest: part of the library, a file where it was, or in `folder`."""
    for path in _candidates(name, folder):
        try:
            source = read_source(path, name)
        except CompileError:
            continue
        if digest_of(source) == digest:
            return source
    return None


def _candidates(name: str, folder: Path) -> list[Path]:
    part = Source(name, "").library
    if part is not None:
        root = Path(library.__path__[0])
        return [(root / Path(*part.split("."))).with_suffix(".res")] if _is_plain(part) else []
    if Path(name).suffix != ".res":
        return []
    return [Path(name), folder / Path(name).name]


def _is_plain(part: str) -> bool:
    return all(word.isidentifier() for word in part.split("."))
