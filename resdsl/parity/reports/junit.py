"""A report as JUnit XML: one suite a comparison, one case a run and quantity.

There is no official schema. This is what both of the common ones allow: that of Apache Ant, which
is the strictest, and that of Jenkins' xUnit plugin.
"""

from __future__ import annotations

import re
import socket
from collections import Counter
from datetime import datetime
from xml.etree import ElementTree as ET

from resdsl import __version__
from resdsl.diagnostics import Diagnostic, render
from resdsl.parity.display import subject, text
from resdsl.parity.quantities import Quantity
from resdsl.parity.report import Cell, Report, Row, Status

#: What a case with this outcome holds; where nothing is said, it has passed.
OUTCOMES = {
    Status.DIFFERS: "failure",
    Status.FAILED: "error",
    Status.NOT_APPLICABLE: "skipped",
}
#: What XML 1.0 cannot hold, not even as a reference.
FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report, at: datetime) -> str:
    """The text of the file; `at` is when the comparison was made."""
    cases = [
        (row, quantity, row.cells[quantity.name])
        for row in report.rows
        for quantity in report.quantities()
    ]
    kinds = Counter(OUTCOMES.get(cell.status) for _, _, cell in cases)
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        {
            "id": "0",
            "package": "resdsl.parity",
            "name": _clean(report.model),
            "tests": str(len(cases)),
            "failures": str(kinds["failure"]),
            "errors": str(kinds["error"]),
            "skipped": str(kinds["skipped"]),
            "time": _seconds(report.seconds),
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": _clean(socket.gethostname() or "localhost"),
        },
    )
    _properties(report, ET.SubElement(suite, "properties"))
    for row, quantity, cell in cases:
        suite.append(_case(report, row, quantity, cell))
    ET.SubElement(suite, "system-out").text = _clean(text(report))
    ET.SubElement(suite, "system-err")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _properties(report: Report, parent: ET.Element) -> None:
    found = {"resdsl": __version__, "subject": subject(report), "reference": report.reference}
    for row in report.rows:
        version = row.policy.get("versions", {}).get(row.backend)
        if version is not None:
            found[row.backend] = str(version)
    for name, value in found.items():
        ET.SubElement(parent, "property", {"name": _clean(name), "value": _clean(value)})


def _case(report: Report, row: Row, quantity: Quantity, cell: Cell) -> ET.Element:
    # A run is timed as a whole. Shared out among its cases, their sum is right.
    count = sum(1 for _ in report.quantities())
    case = ET.Element(
        "testcase",
        {
            "classname": _clean(f"{report.model}.{row.trace or f'{row.backend}.{row.dtype}'}"),
            "name": quantity.title,
            "time": _seconds(sum(row.seconds.values()) / count),
        },
    )
    outcome = OUTCOMES.get(cell.status)
    if outcome is not None:
        code, message, details = _said(row, quantity, cell)
        said = ET.SubElement(case, outcome, {"message": _clean(message)})
        if outcome != "skipped":
            said.set("type", code)
            said.text = _clean(details)
    return case


def _said(row: Row, quantity: Quantity, cell: Cell) -> tuple[str, str, str]:
    """The code, a line, and the whole text of a case that did not pass."""
    if cell.status is Status.NOT_APPLICABLE:
        return "", cell.problem or f"{row.backend} does not compute it", ""
    diagnostic = row.failure or (None if row.first is None else row.first.diagnostic)
    if cell.status is Status.FAILED:
        message = cell.problem or "the run failed"
    elif cell.problem is not None:
        message = f"{cell.where}: {cell.problem}"
    else:
        message = f"{cell.where} differs by {cell.error:.1e}, and {cell.limit:.1e} is allowed"
    plain = "R0604" if cell.status is Status.FAILED else "R0605"
    code = plain if diagnostic is None else diagnostic.code
    return code, message, _details(f"{quantity.title}: {message}", diagnostic)


def _details(message: str, diagnostic: Diagnostic | None) -> str:
    return message if diagnostic is None else f"{message}\n\n{render(diagnostic)}"


def _seconds(time: float) -> str:
    return f"{time:.3f}"


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)
