"""Networks whose tensors are values, over all four backends in float64: lists, several inputs and
outputs, layers that run again with other masks and other sizes."""

import json
from pathlib import Path

import pytest

from resdsl.parity import Settings, run
from resdsl.parity.inputs import load_network

FILES = Path(__file__).resolve().parents[1] / "data" / "tensors"


@pytest.mark.parametrize("name", ["again", "fpn", "lists"])
def test_it_agrees(name: str) -> None:
    report = run(load_network(str(FILES / f"{name}.res")), Settings(steps=2))
    assert report.agreed, json.dumps(report.to_json(), indent=1)
