"""A figure as SVG: plain shapes with generic fonts, the same bytes for the same network."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from resdsl.analysis.drawing.figure import Circle, Figure, Label, Line, Rectangle, Rule, Shape
from resdsl.analysis.drawing.lines import HEAD, number
from resdsl.analysis.drawing.place import place
from resdsl.analysis.drawing.scene import Scene

#: Fill and edge by size, from the smallest: the colours of He et al. 2015, Figure 3, and on.
PALETTE = (
    ("#cfe0f5", "#5b84b8"),
    ("#f8d4d6", "#bf6d74"),
    ("#d5ebd3", "#6a9f68"),
    ("#dfd6f0", "#8873b3"),
    ("#fbe3c2", "#c09248"),
    ("#cdeae8", "#559c98"),
    ("#f3d3e8", "#b0699a"),
    ("#e4e6d0", "#8d9263"),
    ("#e3d9cf", "#937a62"),
    ("#d3e6f3", "#5c93ae"),
)
PLAIN = ("#ffffff", "#8a8a8a")
_STYLES = {
    "name": 'font-size="15" font-weight="bold"',
    "caption": 'font-size="9" fill="#666"',
    "size": 'font-size="10" fill="#555"',
    "end": 'font-size="10.5" fill="#333"',
}


def svg(scenes: list[Scene]) -> str:
    """The text of an SVG file that shows the networks side by side."""
    return "\n".join(_lines(place(scenes))) + "\n"


def _lines(figure: Figure) -> Iterator[str]:
    size = f'width="{number(figure.width)}" height="{number(figure.height)}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {number(figure.width)} {number(figure.height)}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="10.5" fill="#222">'
    )
    yield f"<title>{escape(figure.name)}</title>"
    yield f'<rect {size} fill="#fff"/>'
    for kind, attributes in (
        (Rule, 'stroke="#ddd" stroke-dasharray="1 3"'),
        (Line, 'stroke="#444" stroke-width="1.1" fill="none"'),
        (Rectangle, 'text-anchor="middle"'),
        (Circle, 'text-anchor="middle" font-size="11"'),
        (Label, ""),
    ):
        shapes = [shape for shape in figure.shapes if isinstance(shape, kind)]
        if shapes:
            yield f"<g {attributes}>".replace(" >", ">")
            for shape in shapes:
                yield _shape(shape)
            yield "</g>"
    yield "</svg>"


def _shape(shape: Shape) -> str:
    match shape:
        case Rule(y, left, right):
            return f'<path d="M{number(left)} {number(y)}H{number(right)}"/>'
        case Line():
            return _line(shape)
        case Rectangle():
            return _rectangle(shape)
        case Circle(x, y, radius, sign, title):
            at = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
            circle = f'<circle {at} fill="#fff" stroke="#444"/>'
            return f"<g>{_title(title)}{circle}{_text(x, y + 3.8, sign)}</g>"
        case Label(x, y, text, style, anchor):
            return _text(x, y, text, f' text-anchor="{anchor}" {_STYLES[style]}')


def _line(line: Line) -> str:
    dotted = ' stroke-dasharray="2 2.5"' if line.is_dotted else ""
    drawn = f'<path d="{line.path}"{dotted}/>'
    if line.points != "none":
        drawn += f'<path d="{_head(line)}" fill="#444" stroke="none"/>'
    return f"<g>{_title(line.title)}{drawn}</g>" if line.title else drawn


def _head(line: Line) -> str:
    (x, y), half = line.tip, HEAD / 2
    back = {"down": (0, -HEAD), "left": (HEAD, 0), "right": (-HEAD, 0)}[line.points]
    across = (half, 0) if line.points == "down" else (0, half)
    corners = (
        f"{number(x + back[0] + sign * across[0])} {number(y + back[1] + sign * across[1])}"
        for sign in (1, -1)
    )
    return f"M{number(x)} {number(y)}L{'L'.join(corners)}Z"


def _rectangle(box: Rectangle) -> str:
    fill, edge = PLAIN if box.color < 0 else PALETTE[box.color % len(PALETTE)]
    at = (
        f'x="{number(box.x)}" y="{number(box.y)}" '
        f'width="{number(box.width)}" height="{number(box.height)}" rx="3"'
    )
    drawn = f'<rect {at} fill="{fill}" stroke="{edge}"/>'
    if box.is_stack:
        behind = (
            f'x="{number(box.x + 3)}" y="{number(box.y + 3)}" '
            f'width="{number(box.width)}" height="{number(box.height)}" rx="3"'
        )
        drawn = f'<rect {behind} fill="{fill}" stroke="{edge}"/>' + drawn
    text = _text(box.x + box.width / 2, box.y + box.height / 2 + 3.7, box.text)
    return f"<g>{_title(box.title)}{drawn}{text}</g>"


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    return f'<text x="{number(x)}" y="{number(y)}"{attributes}>{escape(text)}</text>'


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>" if text else ""
