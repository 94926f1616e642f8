"""SARIF: what version 2.1.0 (sections 3.13 to 3.30) demands of a log, and code review of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from resdsl.diagnostics import Diagnostic, Label, Severity, Source, Span
from resdsl.diagnostics.codes import CODES
from resdsl.diagnostics.sarif import to_sarif

LEVELS = {"none", "note", "warning", "error"}


def log_of(*diagnostics: Diagnostic, path: str = "nets/a.res") -> dict[str, Any]:
    log = to_sarif([(path, d) for d in diagnostics], "1.2.3")
    insist_valid(log)
    return log


def insist_valid(log: dict[str, Any]) -> None:
    """The rules of the schema that apply to what we write."""
    assert json.loads(json.dumps(log)) == log
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "resdsl"
    assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"]
        assert rule["help"]["text"] and rule["help"]["markdown"]
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in LEVELS and result["message"]["text"]
        related = result.get("relatedLocations", [])
        assert len({place["id"] for place in related}) == len(related)
        assert len(result["locations"]) == 1
        for place in result["locations"] + related:
            insist_valid_place(place)


def insist_valid_place(place: dict[str, Any]) -> None:
    physical = place["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    assert uri and not set(uri) & set(' <>"\\^`{|}')
    region = physical.get("region")
    if region is not None:
        assert all(isinstance(n, int) and n >= 1 for n in region.values())
        start = region["startLine"], region["startColumn"]
        assert start <= (region["endLine"], region["endColumn"])
    assert "message" not in place or place["message"]["text"]


def test_all_of_a_diagnostic() -> None:
    source = Source("nets/a.res", "one\ntwo\n")
    diagnostic = Diagnostic(
        "R0304",
        "they differ",
        Label(Span(source, 4, 7), "this"),
        (Label(Span(source, 0, 5), "that"), Label(Span(source, 0, 0))),
        ("a note",),
        "a fix",
    )
    (run,) = log_of(diagnostic)["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == CODES["R0304"].title
    assert CODES["R0304"].explanation in rule["help"]["markdown"]
    assert "```\nmodel net {" in rule["help"]["markdown"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("R0304", "error")
    assert result["message"]["text"] == "they differ\na note\nhelp: a fix"
    assert result["locations"][0] == {
        "physicalLocation": {
            "artifactLocation": {"uri": "nets/a.res"},
            "region": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 4},
        },
        "message": {"text": "this"},
    }
    that, bare = result["relatedLocations"]
    assert (that["id"], that["message"]["text"]) == (1, "that")
    assert that["physicalLocation"]["region"]["endLine"] == 2
    assert "message" not in bare


def test_warnings_and_what_has_no_place() -> None:
    warning = Diagnostic("R0222", "hides", severity=Severity.WARNING)
    (run,) = log_of(warning, Diagnostic("R0701", "no such file"))["runs"]
    assert [result["level"] for result in run["results"]] == ["warning", "error"]
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "nets/a.res"}}


def test_nothing_found() -> None:
    (run,) = log_of()["runs"]
    assert run["results"] == [] and run["tool"]["driver"]["rules"] == []


def test_paths_become_uris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def uri(path: str) -> str:
        (result,) = log_of(Diagnostic("R0701", "m"), path=path)["runs"][0]["results"]
        found: str = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        return found

    assert uri("a b/ü.res") == "a%20b/%C3%BC.res"
    assert uri(str(tmp_path / "nets" / "a.res")) == "nets/a.res"
    assert uri("/elsewhere/a.res") == "file:///elsewhere/a.res"
    assert uri("<stdin>") == "%3Cstdin%3E"
