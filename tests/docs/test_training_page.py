"""The page about training is true: its commands and their options are ones that there are."""

import re
import shlex
from pathlib import Path

import pytest

from resdsl.cli.train import train
from resdsl.training.folder import RunFolder

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "training.md").read_text()
COMMANDS = re.findall(r"^(?: {4})?resdsl train (.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    assert train.make_context("train", shlex.split(command, comments=True)).params


def test_options_exist() -> None:
    known = {name for option in train.params for name in (*option.opts, *option.secondary_opts)}
    known |= {"--with-trainer", "--logdir", "--seed"}
    assert set(re.findall(r"`(-[-a-z]+)", PAGE)) <= known
    assert len(COMMANDS) > 5


def test_the_folder_is_as_described(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for path in (folder.run, folder.source, folder.weights):
        assert f"`{path.name}" in PAGE
