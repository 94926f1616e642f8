"""The figure: legible by measure, well formed, and the same bytes every time."""

import math
import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from resdsl.analysis.drawing.figure import Circle, Figure, Label, Line, Rectangle
from resdsl.analysis.drawing.place import place
from resdsl.analysis.drawing.scene import Arrow, Box, Extent, Scene
from resdsl.analysis.drawing.svg import svg
from resdsl.analysis.drawing.texts import text_width

ROOT = Path(__file__).resolve().parent.parent.parent.parent
Make = Callable[..., Scene]
FIGURES = [
    ("vgg.res:vgg19", "plain.res:plain34", "resnet.res:resnet34"),
    ("resnet.res:resnet50", "resnet_cifar.res:resnet20", "alexnet.res:alexnet_2012"),
    *((f"networks.res:{name}",) for name in ("inceptions", "gates", "preacts", "crossings")),
    ("networks.res:dense", "networks.res:gates"),
    ("networks.res:nested", "networks.res:inceptions"),
    ("networks.res:pyramid", "networks.res:ladder"),
    ("networks.res:selectives",),
]
SIZE = Extent("4 × 4", (4, 4))
LEVELS = ("stage", "block", "layer", "none")


@pytest.fixture(params=[(t, level) for t in FIGURES for level in LEVELS], ids=str)
def figure(request: pytest.FixtureRequest, scene: Make) -> Figure:
    targets, collapse = request.param
    return place([scene(target, collapse) for target in targets])


def boxes(figure: Figure) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of boxes and joins."""
    found = []
    for shape in figure.shapes:
        if isinstance(shape, Rectangle):
            found.append((shape.x, shape.y, shape.x + shape.width, shape.y + shape.height))
        elif isinstance(shape, Circle):
            x, y, r = shape.x, shape.y, shape.radius
            found.append((x - r, y - r, x + r, y + r))
    return found


def points(path: str) -> Iterator[tuple[float, float]]:
    """Points along a path of the commands that the figure uses."""
    x = y = 0.0
    for command, text in re.findall(r"([MVHA])([^MVHA]*)", path):
        n = [float(v) for v in text.split()]
        x0, y0 = x, y
        x = {"V": x, "H": n[0]}.get(command, n[-2] if len(n) > 1 else x)
        y = {"H": y, "V": n[0]}.get(command, n[-1])
        if command == "M":
            continue
        is_clockwise = command == "A" and n[4] == 1
        for step in range(41):
            t = across = down = step / 40
            if command == "A":
                across, down = math.sin(t * math.pi / 2), 1 - math.cos(t * math.pi / 2)
                if ((x > x0) == (y > y0)) != is_clockwise:
                    across, down = down, across
            yield x0 + (x - x0) * across, y0 + (y - y0) * down


def straight_parts(figure: Figure) -> Iterator[tuple[int, float, float, float, float]]:
    """Those of all arrows: the arrow's number, left, top, right and bottom."""
    lines = [shape for shape in figure.shapes if isinstance(shape, Line)]
    for number, line in enumerate(lines):
        x = y = 0.0
        for command, text in re.findall(r"([MVHA])([^MVHA]*)", line.path):
            n = [float(v) for v in text.split()]
            x0, y0 = x, y
            x = {"V": x, "H": n[0]}.get(command, n[-2] if len(n) > 1 else x)
            y = {"H": y, "V": n[0]}.get(command, n[-1])
            if command in "HV":
                yield number, min(x0, x), min(y0, y), max(x0, x), max(y0, y)


def crossings(figure: Figure) -> int:
    """How often the level part of an arrow crosses the upright part of another one."""
    parts = list(straight_parts(figure))
    level, upright = [p for p in parts if p[2] == p[4]], [p for p in parts if p[1] == p[3]]
    return sum(
        one != other and left < x < right and top < y < bottom
        for one, left, y, right, _ in level
        for other, x, top, _, bottom in upright
    )


def test_boxes_do_not_overlap(figure: Figure) -> None:
    for one, other in combinations(boxes(figure), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart


def test_no_arrow_crosses_a_box(figure: Figure) -> None:
    inner = [(a + 0.5, b + 0.5, c - 0.5, d - 0.5) for a, b, c, d in boxes(figure)]
    for line in (shape for shape in figure.shapes if isinstance(shape, Line)):
        for x, y in points(line.path):
            assert not any(a < x < c and b < y < d for a, b, c, d in inner), line


def test_no_arrow_crosses_a_label_or_leaves_the_figure(figure: Figure) -> None:
    labels = []
    for label in (shape for shape in figure.shapes if isinstance(shape, Label)):
        if label.style in ("size", "name", "caption"):
            width = text_width(label.text, {"size": 10, "name": 15, "caption": 9}[label.style])
            left = label.x - width if label.anchor == "end" else label.x - width / 2
            labels.append((left, label.y - 9, left + width, label.y + 2))
            assert left >= 0
            assert left + width <= figure.width
    for line in (shape for shape in figure.shapes if isinstance(shape, Line)):
        for x, y in points(line.path):
            assert 0 <= x <= figure.width
            assert 0 <= y <= figure.height
            assert not any(a < x < c and b < y < d for a, b, c, d in labels)


@pytest.mark.parametrize(
    ("target", "collapse"),
    [
        *((f"zoo/{name}", level) for name in ("fpn.res", "sk_resnet.res") for level in LEVELS),
        ("networks.res:selectives", "layer"),
        ("networks.res:ladder", "none"),
    ],
)
def test_branches_that_lead_into_each_other_do_not_cross(
    scene: Make, target: str, collapse: str
) -> None:
    assert crossings(place([scene(target, collapse)])) == 0


def test_texts_fit_their_boxes(figure: Figure) -> None:
    for box in (shape for shape in figure.shapes if isinstance(shape, Rectangle)):
        assert text_width(box.text, 10.5) < box.width
        assert box.x >= 0
        assert box.x + box.width <= figure.width
        assert box.y + box.height <= figure.height


def test_boxes_of_one_size_stand_at_one_height_and_have_one_colour(scene: Make) -> None:
    figure = place([scene(target) for target in FIGURES[0]])
    firsts: dict[int, dict[float, float]] = {}
    for shape in figure.shapes:
        if isinstance(shape, Rectangle) and shape.color >= 0:
            column = firsts.setdefault(shape.color, {})
            middle = shape.x + shape.width / 2
            column[middle] = min(shape.y, column.get(middle, math.inf))
    # From 28 x 28 on: before, VGG has a pooling where the others have a convolution.
    assert all(len(column) >= 2 for color, column in firsts.items() if color in (0, 1, 2, 3))
    plain, residual = sorted({x for column in firsts.values() for x in column})[1:]
    assert all(firsts[color][plain] == firsts[color][residual] for color in (0, 1, 2, 3))


def test_the_picture_of_the_paper(scene: Make, golden: Callable[[Path, str], None]) -> None:
    text = svg([scene(target) for target in FIGURES[0]])
    golden(ROOT / "docs/figures/vgg19_plain34_resnet34.svg", text)


def test_it_is_well_formed_and_text_is_escaped() -> None:
    odd = '<&">'
    boxes_ = (Box(odd, "input", SIZE, odd), Box(odd, "layer", SIZE, odd))
    text = svg([Scene(odd, odd, boxes_, (Arrow(0, 1, True, odd),))])
    root = ElementTree.fromstring(text)
    found = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert found.count(odd) == 4


def test_the_same_network_gives_the_same_bytes(scene: Make) -> None:
    assert svg([scene("networks.res:gates")]) == svg([scene("networks.res:gates")])
