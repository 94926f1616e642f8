"""The page about studies is true: its commands are understood, its plots and pages are there."""

import re
import shlex
from pathlib import Path

import pytest

from resdsl.cli.study import study
from resdsl.cli.train import train
from resdsl.passes.load import load_graph
from resdsl.training.studies import STUDIES

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "studies.md").read_text()
COMMANDS = re.findall(r"^ {4}resdsl (.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    name, *arguments = shlex.split(command, comments=True)
    context = {"study": study, "train": train}[name].make_context(name, arguments)
    if name == "train":
        target, settings = context.params["target"], context.params["settings"]
        assert load_graph(str(ROOT / target), settings).parameters


def test_options_exist() -> None:
    known = {name for option in study.params for name in option.opts}
    assert set(re.findall(r"`(--[-a-z]+)", PAGE)) <= known | {"--set"}


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_is_there(name: str) -> None:
    for link in (f"results/{name}/README.md", f"results/{name}/{name}.svg"):
        assert f"({link})" in PAGE and (ROOT / "docs" / link).is_file()


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / link).exists(), link
