"""`resdsl diff`: exit codes and JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_equal_networks(resdsl: Command, net: Path) -> None:
    done = resdsl("diff", f"{net}:small", f"{net}:small")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "no difference in meaning"


def test_different_networks(resdsl: Command, net: Path) -> None:
    done = resdsl("diff", f"{net}:small", f"{net}:large")
    assert done.code == 1
    assert done.out.startswith("small -> large\n")
    assert "depth of layer1: 1 -> 2" in done.out


def test_a_network_that_cannot_be_built(resdsl: Command, net: Path) -> None:
    assert resdsl("diff", f"{net}:small", f"{net}:none").code == 2


def test_json(resdsl: Command, net: Path) -> None:
    done = resdsl("diff", f"{net}:small", f"{net}:large", "--json")
    assert done.code == 1
    assert json.loads(done.out)["b"]["name"] == "large"


def test_the_same_input_for_both(resdsl: Command, net: Path) -> None:
    done = resdsl("diff", f"{net}:small", f"{net}:small", "--input", "3x16x16")
    assert done.code == 0
    assert "3 x 16 x 16" in done.out
