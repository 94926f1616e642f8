"""Error along the depth of a network, as SVG to stand inside an HTML page.

matplotlib draws; then its file is made part of a page: colours become the page's own variables, so
that they follow light and dark, and what could clash with another picture of the page (ids, styles)
goes. Imported late: matplotlib takes a second.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from resdsl.parity.report import DepthPoint

#: Colours that stand for variables of the page's style sheet.
INKS = {
    "text": "#010101",
    "dim": "#020202",
    "grid": "#030303",
    "bad": "#040404",
    "curve-1": "#050505",
    "curve-2": "#060606",
    "curve-3": "#070707",
    "curve-4": "#080808",
}
#: Told apart without colour too.
MARKERS = ("o", "s", "^", "D")
#: The quantities of each direction in the order of their curves; others count as forward.
FORWARD = ("values", "values-train", "statistics")
BACKWARD = ("gradients-values", "gradients")
TITLES = {
    "values": "values, eval forward",
    "values-train": "values, train forward",
    "statistics": "batch-norm statistics, first step",
    "gradients-values": "gradients of values",
    "gradients": "gradients of weights",
}
#: Errors below this are drawn at it: a logarithmic scale has no zero.
FLOOR = 1e-18
#: Labels of places along the network.
TICKS = 7

XLINK = "{http://www.w3.org/1999/xlink}href"


Series = dict[str, list[tuple[int, DepthPoint]]]


def series(points: Iterable[DepthPoint]) -> tuple[Series, Series]:
    """The points of each quantity with their places along the network: forward, and backward."""
    places: dict[str, int] = {}
    found: Series = {}
    for point in points:
        place = places.setdefault(point.path, len(places))
        found.setdefault(point.quantity, []).append((place, point))
    known = {name: found.pop(name) for name in (*FORWARD, *BACKWARD) if name in found}
    backward = {name: known.pop(name) for name in BACKWARD if name in known}
    return known | found, backward


def svg(points: Sequence[DepthPoint], number: int, label: str) -> str:
    """The curves of one backend; `number` keeps the pictures of a page apart."""
    import matplotlib
    from matplotlib.figure import Figure

    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": "resdsl",
        "font.size": 9,
        "text.color": INKS["text"],
        "axes.labelcolor": INKS["text"],
        "axes.edgecolor": INKS["dim"],
        "xtick.color": INKS["dim"],
        "ytick.color": INKS["dim"],
        "xtick.labelcolor": INKS["text"],
        "ytick.labelcolor": INKS["text"],
        "grid.color": INKS["grid"],
    }
    with matplotlib.rc_context(settings):
        directions = [
            (n, c) for n, c in zip(("forward", "backward"), series(points), strict=True) if c
        ]
        figure = Figure(figsize=(4.3, 1.0 + 1.9 * len(directions)), layout="constrained")
        panels = figure.subplots(len(directions), sharex=True, squeeze=False)[:, 0]
        for axes, (name, curves) in zip(panels, directions, strict=True):
            _draw(axes, name, curves)
        _label_places(panels[-1], list(dict.fromkeys(point.path for point in points)))
        file = io.BytesIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return embedded(file.getvalue().decode(), f"plot{number}", label)


def _draw(axes: Any, title: str, curves: Series) -> None:
    for number, (quantity, found) in enumerate(curves.items()):
        ink = INKS[f"curve-{number % 4 + 1}"]
        places = [place for place, _ in found]
        label = _literal(TITLES.get(quantity, quantity))
        style = {"marker": MARKERS[number % 4], "markersize": 2.5, "linewidth": 1.1}
        axes.plot(places, [_seen(p.error) for _, p in found], color=ink, label=label, **style)
        limits = [_seen(p.limit) for _, p in found]
        axes.plot(places, limits, color=ink, linestyle=":", linewidth=1.2)
    everything = [pair for found in curves.values() for pair in found]
    bad = [(place, _seen(point.error)) for place, point in everything if point.is_beyond]
    if bad:
        cross = {"color": INKS["bad"], "marker": "x", "linestyle": "none", "markersize": 5}
        axes.plot(*zip(*bad, strict=True), label="beyond the limit (dotted)", **cross)
    axes.set_yscale("log")
    axes.set_ylabel(f"error, {title}")
    axes.grid(axis="y", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    # Above the axes, where it can hide no point.
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
    axes.legend(ncols=2, frameon=False, fontsize=8, **place)


def _label_places(axes: Any, paths: Sequence[str]) -> None:
    """The parts of the network, each where it begins, as many as there is room for."""
    starts: dict[str, int] = {}
    for place, path in enumerate(paths):
        starts.setdefault(path.partition(".")[0], place)
    apart = max(1, len(paths) / TICKS)
    shown: list[tuple[int, str]] = []
    for name, place in starts.items():
        if not shown or place - shown[-1][0] >= apart:
            shown.append((place, name if len(name) <= 16 else f"{name[:15]}…"))
    labels = axes.set_xticks(
        [place for place, _ in shown],
        [name for _, name in shown],
        rotation=30,
        ha="right",
        rotation_mode="anchor",
    )
    for tick in labels:
        for text in (tick.label1, tick.label2):
            text.set_parse_math(False)


def _literal(text: str) -> str:
    """A text in which matplotlib finds no formula."""
    return text.replace("$", r"\$")


def _seen(value: float) -> float:
    """As the scale can show it; what is no number leaves a gap."""
    return max(value, FLOOR) if math.isfinite(value) else math.nan


def embedded(text: str, prefix: str, label: str) -> str:
    """A file of matplotlib's as an element of a page, without styles and ids of its own."""
    root = ET.fromstring(text)
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style"):
                parent.remove(child)
    used = set(re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', text))
    names = {one or other for one, other in used}
    colours = {ink: f"var(--{name})" for name, ink in INKS.items()}
    for element in root.iter():
        element.tag = _local(element.tag)
        _adapt(element, names, prefix, colours)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-label", label)
    return ET.tostring(root, encoding="unicode")


def _adapt(element: ET.Element, names: set[str], prefix: str, colours: dict[str, str]) -> None:
    """Rename what is referred to, drop other ids, and take the page's colours."""
    link = element.attrib.pop(XLINK, None)
    if link is not None:
        element.set("href", f"#{prefix}-{link.removeprefix('#')}")
    name = element.attrib.pop("id", None)
    if name in names:
        element.set("id", f"{prefix}-{name}")
    if "clip-path" in element.attrib:
        element.set("clip-path", element.attrib["clip-path"].replace("#", f"#{prefix}-"))
    if "style" in element.attrib:
        style = element.attrib["style"]
        for ink, variable in colours.items():
            style = style.replace(ink, variable)
        element.set("style", style)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
