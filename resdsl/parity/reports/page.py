"""A report as one HTML page: nothing is fetched, nothing runs, and it reads in light and in dark,
on a phone and on paper.

Everything that comes from a network or a framework is escaped by the template engine; the style
sheet and the curves alone are put in as they are. Its extra is `resdsl[report]`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from resdsl import __version__
from resdsl.diagnostics import Diagnostic, error, render
from resdsl.parity.display import subject, verdict
from resdsl.parity.report import Cell, DepthPoint, Report, Row, Status
from resdsl.records import dataclass

NEEDS = {"jinja2": "Jinja2", "matplotlib": "matplotlib"}
#: Rows of the table beneath a plot.
LARGEST = 20
#: Escape sequences of the terminal, and what they are called here.
SEQUENCE = re.compile("\x1b\\[([0-9;]*)m")
STYLES = {"0": "", "1": "bold", "1;31": "red", "1;33": "yellow", "1;34": "blue", "1;32": "green"}


@dataclass(frozen=True, slots=True)
class Plot:
    """The curves of one backend, and where they leave their limits first in each direction."""

    backend: str
    svg: Any
    forward: DepthPoint | None
    backward: DepthPoint | None
    largest: Sequence[DepthPoint]


def check() -> None:
    """Raise `CompileError` if the page cannot be made here: asked before anything is computed."""
    missing = [title for name, title in NEEDS.items() if find_spec(name) is None]
    if missing:
        raise error(
            "R0602",
            f"`--html` needs {' and '.join(missing)}, which is not installed",
            help="`pip install 'resdsl[report]'`",
        )


def page(report: Report, at: datetime) -> str:
    """The text of the page; `at` is when the comparison was made."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters |= {"mark": mark, "number": number, "differing": is_differing}
    home = files(__package__)
    template = environment.from_string(home.joinpath("page.html.jinja").read_text("utf-8"))
    text: str = template.render(
        report=report,
        version=__version__,
        css=Markup(home.joinpath("page.css").read_text("utf-8")),
        verdict=verdict(report),
        subject=subject(report),
        quantities=list(report.quantities()),
        versions=[row.policy.get("versions", {}).get(row.backend) for row in report.rows],
        diagnostics=[(row, list(styled(d))) for row, d in report.diagnostics],
        plots=list(plots(report)),
        policies=list(policies(report.rows)),
        settings=[(name, _said(value)) for name, value in report.subject.items()],
        at=at.strftime("%Y-%m-%d %H:%M"),
    )
    return text + "\n"


def styled(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    """The text that the terminal shows, in pieces, each with the name of its colour or none."""
    style = ""
    for index, part in enumerate(SEQUENCE.split(render(diagnostic, color=True))):
        if index % 2:
            style = STYLES[part]
        elif part:
            yield style, part


def plots(report: Report) -> Iterator[Plot]:
    """A plot for every backend whose errors are known along the network."""
    from markupsafe import Markup

    from resdsl.parity.reports.plot import BACKWARD, svg

    for index, (backend, points) in enumerate(report.depth.items()):
        if not points:
            continue
        beyond = [point for point in points if point.is_beyond]
        forward = [point for point in beyond if point.quantity not in BACKWARD]
        backward = [point for point in beyond if point.quantity in BACKWARD]
        label = f"relative error along the network, {backend}"
        yield Plot(
            backend=backend,
            svg=Markup(svg(points, index, label)),
            forward=forward[0] if forward else None,
            # Gradients are computed from the end on.
            backward=backward[-1] if backward else None,
            largest=sorted(points, key=_by_ratio, reverse=True)[:LARGEST],
        )


def _by_ratio(point: DepthPoint) -> float:
    ratio = point.error / point.limit if point.limit else point.error
    return ratio if math.isfinite(ratio) else math.inf


def policies(rows: Sequence[Row]) -> Iterator[tuple[str, list[str]]]:
    """Each setting that any run has, with its value in every run."""
    flat = [dict(_flat(row.policy)) for row in rows]
    for name in dict.fromkeys(name for policy in flat for name in policy):
        yield name, [policy.get(name, "–") for policy in flat]


def _flat(policy: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in policy.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        else:
            yield f"{prefix}{name}", _said(value)


def is_differing(values: Sequence[str]) -> bool:
    """Whether those that have a value have different ones."""
    return len({value for value in values if value != "–"}) > 1


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple) and not any(isinstance(v, list | tuple) for v in value):
        return ", ".join(map(_said, value))
    return value if isinstance(value, str) else json.dumps(value)


def number(value: float) -> str:
    """A figure of two digits, or a word for what is none."""
    return f"{value:.1e}" if math.isfinite(value) else "not finite"


def mark(cell: Cell) -> str:
    """What stands large in a cell: a sign and a figure, so that colour is never needed."""
    sign = {Status.AGREES: "✓ ", Status.DIFFERS: "✗ "}.get(cell.status, "")
    if cell.error is None or cell.problem is not None:
        return f"{sign}{cell.status.value}"
    return f"{sign}{number(cell.error)}"
