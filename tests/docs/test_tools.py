"""docs/tools.md is true: its tables are what the commands print, its commands run."""

import re
import shlex
from pathlib import Path

import pytest

from resdsl.cli.main import main

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs/tools.md").read_text()
#: A command, and what it prints if that is shown.
SHOWN = re.compile(r"^    (resdsl [^\n]*)\n(?:\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("command", "printed"), SHOWN.findall(TEXT))
def test_the_commands_print_what_is_shown(
    command: str,
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)[1:]) in (0, 1)
    if printed:
        assert capsys.readouterr().out == printed
