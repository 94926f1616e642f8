"""The JSON of a report: what it holds, and that its page says so."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_reports

from resdsl.parity.report import Cell, DepthPoint, Status

PAGE = Path(__file__).resolve().parents[3] / "docs" / "parity.md"


def written(report: Any) -> Any:
    return json.loads(json.dumps(report.to_json(), allow_nan=False))


def test_it_says_its_form_and_version() -> None:
    data = written(made_reports.green())
    assert (data["format"], data["schema"]) == ("resdsl-parity", 1)
    assert data["agreed"] is True and data["model"] == "net"


def test_a_cell_has_error_limit_ratio_and_place() -> None:
    data = written(made_reports.red())
    cell = data["runs"][1]["quantities"]["eval"]
    assert cell["status"] == "differs" and cell["error"] == 1e-5 and cell["limit"] == 1e-12
    assert math.isclose(cell["ratio"], 1e7) and cell["where"] == "layer1.0.bn1.running_var"


def test_diagnostics_have_code_and_location() -> None:
    _, jax, tensorflow = written(made_reports.red())["runs"]
    found = jax["first"]["diagnostic"]
    assert found["code"] == "R0605"
    assert (found["location"]["file"], found["location"]["line"]) == ("nets/net.res", 3)
    assert tensorflow["failure"]["notes"] == ["ValueError: too bad"]


def test_errors_along_the_depth() -> None:
    points = written(made_reports.red())["depth"]["jax"]
    assert points[-1] == {
        "path": "layer4.2.bn1",
        "quantity": "statistics",
        "error": 1e-4,
        "limit": 1e-10,
    }


def test_numbers_that_json_has_not_are_null() -> None:
    report = made_reports.green()
    cell = Cell(Status.DIFFERS, math.inf, math.inf, "x", "holds NaN or infinity")
    row = replace(report.rows[1], cells={"eval": cell})
    depth = {"jax": (DepthPoint("x", math.nan, 1e-12),)}
    data = written(replace(report, rows=(report.rows[0], row), depth=depth))
    assert data["runs"][1]["quantities"]["eval"]["error"] is None
    assert data["depth"]["jax"][0]["error"] is None


def test_every_key_is_documented() -> None:
    (table,) = re.findall(
        r"^\| key \|.*?(?:\n\n|\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    documented = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)
    assert sorted(documented) == sorted(set(keys(written(made_reports.red()))))


def keys(data: Any, prefix: str = "") -> list[str]:
    """Paths of keys, as the page has them: `runs[].quantities{}.error`."""
    found = []
    for key, value in data.items():
        path = f"{prefix}{key}"
        found.append(path)
        if key in ("subject", "policy", "seconds", "failure", "diagnostic"):
            continue
        if key in ("quantities", "depth") and isinstance(value, dict):
            inner = next(iter(value.values()))
            path = f"{path}{{}}"
        else:
            inner = value
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            inner = next((each for each in inner if each.get("first")), inner[0])
            path = f"{path}[]"
        if isinstance(inner, dict):
            found.extend(keys(inner, f"{path}."))
    return found
