"""Diagnostics as data: the keys editors and code review rely on."""

import json

from resdsl.diagnostics import Diagnostic, Label, Severity, Source, Span, to_json


def test_all_keys() -> None:
    source = Source("a.res", "one\ntwo\n")
    diagnostic = Diagnostic(
        "R0304",
        "they differ",
        Label(Span(source, 4, 7), "this"),
        (Label(Span(source, 0, 5), "that"),),
        ("a note",),
        "a fix",
        Severity.WARNING,
    )
    data = to_json([diagnostic])
    assert json.loads(json.dumps(data)) == data
    assert data == [
        {
            "code": "R0304",
            "severity": "warning",
            "message": "they differ",
            "location": {
                "file": "a.res",
                "line": 2,
                "column": 1,
                "end_line": 2,
                "end_column": 4,
                "label": "this",
            },
            "related": [
                {
                    "file": "a.res",
                    "line": 1,
                    "column": 1,
                    "end_line": 2,
                    "end_column": 2,
                    "label": "that",
                }
            ],
            "notes": ["a note"],
            "help": "a fix",
        }
    ]


def test_without_a_place() -> None:
    (data,) = to_json([Diagnostic("R0701", "no such file")])
    assert data["location"] is None and data["related"] == [] and data["help"] is None
