"""docs/testing.md names every argument of `assert_parity` and every setting of the plugin."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

from resdsl.parity import Settings
from resdsl.testing import assert_parity
from resdsl.testing.plugin import BACKENDS, SETTINGS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "testing.md").read_text("utf-8")


def test_every_argument_is_there() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", TEXT, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    own = set(inspect.signature(assert_parity).parameters) - {"settings"}
    assert documented == own | {field.name for field in fields(Settings)}


def test_every_setting_of_the_plugin_is_there() -> None:
    (settings,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    found = dict(re.findall(r'^(resdsl_\w+) = "?([^"\n]*)"?', settings, re.MULTILINE))
    assert set(found) == {*SETTINGS, "resdsl_backends"}
    assert all(found[name] == default for name, (_, default) in SETTINGS.items())
    assert f"# default: {', '.join(BACKENDS)}" in settings
