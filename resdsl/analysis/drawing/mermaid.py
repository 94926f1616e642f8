"""A scene for Mermaid (https://mermaid.js.org), which GitHub and many wikis draw by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.analysis.drawing.scene import Box, Scene

_SHAPES = {
    "join": ("((", "))"),
    "input": ("([", "])"),
    "output": ("([", "])"),
    "stage": ("[[", "]]"),
}


def mermaid(scenes: Sequence[Scene]) -> str:
    """A flowchart; several networks are subgraphs of it."""
    return "\n".join(_lines(scenes)) + "\n"


def _lines(scenes: Sequence[Scene]) -> Iterator[str]:
    yield "flowchart TB"
    if len(scenes) == 1:
        yield from _network(scenes[0], "n", "    ")
        return
    for number, scene in enumerate(scenes):
        yield f"    subgraph g{number} [{_quoted(scene.name)}]"
        yield from _network(scene, f"g{number}n", "        ")
        yield "    end"


def _network(scene: Scene, prefix: str, indent: str) -> Iterator[str]:
    for index, box in enumerate(scene.boxes):
        before, after = _SHAPES.get(box.role, ("[", "]"))
        yield f"{indent}{prefix}{index}{before}{_quoted(_text(box))}{after}"
    for arrow in scene.arrows:
        line = "-.->" if arrow.is_dotted else "-->"
        yield f"{indent}{prefix}{arrow.source} {line} {prefix}{arrow.target}"


def _text(box: Box) -> str:
    return box.text or box.sign


def _quoted(text: str) -> str:
    escaped = text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;")
    return f'"{escaped}"'
