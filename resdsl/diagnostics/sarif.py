"""Diagnostics as SARIF 2.1.0, the format in which code review takes them from any tool.

Lines and columns count from 1, columns in characters, and a region's end is exclusive: as SARIF has
it. Paths become relative URIs, so that a reviewer finds them in the checkout.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from resdsl.diagnostics.codes import CODES, Code
from resdsl.diagnostics.diagnostic import Diagnostic, Label

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(found: Iterable[tuple[str, Diagnostic]], version: str) -> dict[str, Any]:
    """A log of one run. Each diagnostic comes with the path of the file that was looked at."""
    diagnostics = list(found)
    used = sorted({diagnostic.code for _, diagnostic in diagnostics})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "resdsl",
                        "semanticVersion": version,
                        "rules": [_rule(CODES[code]) for code in used],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(path, diagnostic, used.index(diagnostic.code))
                    for path, diagnostic in diagnostics
                ],
            }
        ],
    }


def _rule(code: Code) -> dict[str, Any]:
    help = code.explanation
    markdown = code.explanation
    for title, example in (("Wrong", code.wrong), ("Right", code.right)):
        if example:
            help += f"\n\n{title}:\n\n{example}"
            markdown += f"\n\n{title}:\n\n```\n{example}```"
    return {
        "id": code.code,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explanation},
        "help": {"text": help, "markdown": markdown},
    }


def _result(path: str, diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    lines = [diagnostic.message, *diagnostic.notes]
    if diagnostic.help is not None:
        lines.append(f"help: {diagnostic.help}")
    if diagnostic.primary is None:
        location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(path)}}}
    else:
        location = _location(diagnostic.primary)
    related = [{"id": i, **_location(s)} for i, s in enumerate(diagnostic.secondary, start=1)]
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": str(diagnostic.severity),
        "message": {"text": "\n".join(lines)},
        "locations": [location],
        **({"relatedLocations": related} if related else {}),
    }


def _location(label: Label) -> dict[str, Any]:
    source = label.span.source
    line, column = source.position(label.span.start)
    end_line, end_column = source.position(label.span.end)
    place = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(source.name)},
            "region": {
                "startLine": line,
                "startColumn": column,
                "endLine": end_line,
                "endColumn": end_column,
            },
        }
    }
    return {**place, **({"message": {"text": label.text}} if label.text else {})}


def _uri(path: str) -> str:
    """A path as a URI: relative to the current folder where it is below it."""
    absolute = Path(path)
    if absolute.is_absolute():
        if not absolute.is_relative_to(Path.cwd()):
            return absolute.as_uri()
        path = str(absolute.relative_to(Path.cwd()))
    return quote(PurePath(path).as_posix())
