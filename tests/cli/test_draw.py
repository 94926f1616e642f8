"""`resdsl draw`: the formats, and where they are written."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


@pytest.mark.parametrize(
    ("name", "start"),
    [("net.svg", "<svg "), ("net.mmd", "flowchart"), ("net.dot", "digraph"), ("net", "<svg ")],
)
def test_the_ending_says_the_format(
    resdsl: Command, net: Path, tmp_path: Path, name: str, start: str
) -> None:
    assert resdsl("draw", f"{net}:small", "-o", tmp_path / name).code == 0
    assert (tmp_path / name).read_text().startswith(start)


def test_several_networks_on_stdout(resdsl: Command, net: Path) -> None:
    done = resdsl(
        "draw", f"{net}:small", f"{net}:large", "--format", "mermaid", "--collapse", "stage"
    )
    assert done.code == 0
    assert 'subgraph g1 ["large"]' in done.out
    assert "layer1: 2 x unit(16, projection), /2" in done.out


def test_settings_reach_the_network(resdsl: Command, net: Path) -> None:
    assert "fc 10" in resdsl("draw", f"{net}:small").out
    done = resdsl("draw", f"{net}:small", "--set", "depth=3", "--collapse", "stage")
    assert "3 x unit(8, projection), /2" in done.out


def test_a_folder_is_no_file(resdsl: Command, net: Path, tmp_path: Path) -> None:
    done = resdsl("draw", f"{net}:small", "-o", tmp_path)
    assert done.code == 2
    assert "R0720" in done.err


def test_every_process_draws_the_same_and_ends_quietly() -> None:
    pictures = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "resdsl", "draw", EXAMPLES / "zoo/sk_resnet.res"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            cwd=EXAMPLES.parent,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        pictures.append(done.stdout)
    assert pictures[0] == pictures[1]


def test_without_pygraphviz_only_what_needs_an_order_is_refused(
    resdsl: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    done = resdsl("draw", EXAMPLES / "zoo/sk_resnet.res", "-o", tmp_path / "net.svg")
    assert done.code == 2
    assert "error[R0722]" in done.err
    assert "pip install 'resdsl[draw]'" in done.err
    assert not (tmp_path / "net.svg").exists()
    for target, ending in (("resnet.res:resnet50", "svg"), ("zoo/sk_resnet.res", "dot")):
        written = tmp_path / f"net.{ending}"
        assert resdsl("draw", EXAMPLES / target, "-o", written).code == 0
        assert written.exists()
