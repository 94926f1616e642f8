"""Scenes as Mermaid and as Graphviz text."""

from resdsl.analysis.drawing.dot import dot
from resdsl.analysis.drawing.mermaid import mermaid
from resdsl.analysis.drawing.scene import Arrow, Box, Extent, Scene

SIZE = Extent("8 × 8", (8, 8))
SCENE = Scene(
    "net",
    "",
    (
        Box("3 x 8 x 8", "input", SIZE, "input"),
        Box('3x3 "conv", 4', "layer", SIZE, "conv1"),
        Box("", "join", SIZE, "add1", "+"),
    ),
    (Arrow(0, 1), Arrow(1, 2), Arrow(0, 2, True, "1x1 conv, 4")),
)


def test_mermaid() -> None:
    assert mermaid([SCENE]) == (
        "flowchart TB\n"
        '    n0(["3 x 8 x 8"])\n'
        '    n1["3x3 #quot;conv#quot;, 4"]\n'
        '    n2(("+"))\n'
        "    n0 --> n1\n"
        "    n1 --> n2\n"
        "    n0 -.-> n2\n"
    )


def test_mermaid_of_several_networks_has_a_part_for_each() -> None:
    lines = mermaid([SCENE, SCENE]).splitlines()
    assert lines[1] == '    subgraph g0 ["net"]'
    assert "        g1n0 --> g1n1" in lines


def test_dot() -> None:
    lines = dot([SCENE]).splitlines()
    assert lines[0] == "digraph {"
    assert '        n0_1 [label="3x3 \\"conv\\", 4", tooltip="conv1"]' in lines
    assert '        n0_2 [label="+", tooltip="add1", shape=circle]' in lines
    assert "        n0_0 -> n0_2 [style=dotted]" in lines
