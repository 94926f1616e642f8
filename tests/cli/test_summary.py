"""`resdsl summary`: the table as text and as JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_a_table_by_stage_and_its_totals(resdsl: Command, net: Path) -> None:
    done = resdsl("summary", f"{net}:small")
    assert done.code == 0
    assert "layer1" in done.out
    assert "layer1.0" not in done.out
    assert done.out.splitlines()[-2].startswith("554 parameters")


def test_depth_and_layers_open_it(resdsl: Command, net: Path) -> None:
    assert "layer1.0.conv1" in resdsl("summary", f"{net}:small", "--depth", 3).out
    assert "layer1.0.relu1" not in resdsl("summary", f"{net}:small", "--depth", 3).out
    assert "layer1.0.relu1" in resdsl("summary", f"{net}:small", "--layers").out


def test_json_has_the_numbers(resdsl: Command, net: Path) -> None:
    found = json.loads(resdsl("summary", f"{net}:small", "--json").out)
    assert found["parameters"] == 554
    assert sum(row["parameters"] for row in found["rows"]) == 554
