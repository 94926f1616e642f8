"""The pages about traces are true: commands are understood, links lead somewhere, the format is as
it is written."""

import json
import re
import shlex
from pathlib import Path

import pytest

from resdsl.cli.compare import compare
from resdsl.cli.trace import trace
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate import elaborate
from resdsl.passes.load import load_program
from tests.parity.trace_files import Maker, described

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "traces.md").read_text(encoding="utf-8")
FORMAT = (ROOT / "docs" / "trace-format.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ {4}resdsl (.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    name, *arguments = shlex.split(command)
    {"trace": trace, "compare": compare}[name].make_context(name, arguments)


@pytest.mark.parametrize("page", [PAGE, FORMAT])
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page):
        assert (ROOT / "docs" / link).exists(), link


def test_every_key_of_the_description_is_described(tmp_path: Path) -> None:
    file = ROOT / "tests" / "parity" / "small.res"
    graph: Graph = elaborate(load_program(str(file)), "small")
    path = Maker(graph, tmp_path).trace("a")
    _, _, metadata = FORMAT.partition("## Metadata")
    keys = set(re.findall(r"`([^`]+)`", metadata))
    assert set(described(path)) <= keys
    header = path.read_bytes()[8:]
    arrays = json.loads(header[: int.from_bytes(path.read_bytes()[:8], "little")])
    sections = {key.partition("/")[0] for key in arrays if "/" in key}
    written = set(re.findall(r"^\| `([^`]+)`", FORMAT, re.MULTILINE))
    assert {re.sub(r"\d+$", "K", section) for section in sections} <= written
