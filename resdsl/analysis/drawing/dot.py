"""A scene in the language of Graphviz (https://graphviz.org), for whoever has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.analysis.drawing.scene import Box, Scene

_SHAPES = {"join": "circle", "input": "plaintext", "output": "plaintext", "stage": "box3d"}


def dot(scenes: Sequence[Scene]) -> str:
    """A directed graph; several networks are clusters of it."""
    return "\n".join(_lines(scenes)) + "\n"


def _lines(scenes: Sequence[Scene]) -> Iterator[str]:
    yield "digraph {"
    yield '    node [shape=box, fontname="Helvetica", fontsize=10]'
    for number, scene in enumerate(scenes):
        yield f"    subgraph cluster_{number} {{"
        yield f"        label={_quoted(scene.name)}"
        for index, box in enumerate(scene.boxes):
            yield f"        n{number}_{index} [{_attributes(box)}]"
        for arrow in scene.arrows:
            style = " [style=dotted]" if arrow.is_dotted else ""
            yield f"        n{number}_{arrow.source} -> n{number}_{arrow.target}{style}"
        yield "    }"
    yield "}"


def _attributes(box: Box) -> str:
    shape = f", shape={_SHAPES[box.role]}" if box.role in _SHAPES else ""
    return f"label={_quoted(box.text or box.sign)}, tooltip={_quoted(box.title)}{shape}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
