"""`resdsl ops`: every operation on a line of its own, and as JSON."""

import json

from resdsl.ops import OPS


def test_every_operation_has_a_line(resdsl) -> None:
    done = resdsl("ops")
    assert (done.code, done.err) == (0, "")
    lines = [line.split(None, 1) for line in done.out.splitlines() if line.startswith("  ")]
    assert {name for name, _ in lines} == OPS.keys()
    assert len(lines) == len(OPS)
    assert all(says.endswith(".") and len(says) < 110 for _, says in lines)
    assert done.out.startswith("Convolutions\n  conv")


def test_json_holds_their_arguments(resdsl) -> None:
    found = {kind["name"]: kind for kind in json.loads(resdsl("ops", "--json").out)}
    assert found.keys() == OPS.keys()
    arguments = {a["name"]: a for a in found["conv"]["arguments"]}
    assert arguments["out"] == {
        "name": "out",
        "required": True,
        "default": None,
        "doc": "number of output channels",
        "values": "a whole number, 1 or more",
    }
    assert arguments["bias_init"]["default"] == 'variance_scaling(1 / 3, distribution = "uniform")'
    assert found["add"]["join"] and found["dropout"]["stochastic"]
