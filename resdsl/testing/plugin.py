"""The plugin for pytest: `pytest --resdsl-parity nets/` makes a test of every model in the `.res`
files there, for every backend beside the reference.

pytest loads this module wherever resdsl is installed, so that it imports nothing; what collects is
in `collector`, imported when it is asked for.
"""

from __future__ import annotations

from pathlib import Path

import pytest

BACKENDS = ["torch", "jax", "tensorflow", "onnx"]
#: Meaning and default of each setting.
SETTINGS = {
    "resdsl_dtype": ("float64 or float32", "float64"),
    "resdsl_steps": ("training steps; 0 compares the eval forward alone", "5"),
    "resdsl_batch": ("samples in a batch", "4"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("resdsl", "parity of residual networks")
    group.addoption(
        "--resdsl-parity",
        action="store_true",
        help="collect .res files: a test for each model and backend, which runs `resdsl parity`",
    )
    meaning = "PyTorch is the reference, else the first that trains"
    help = f"{meaning} (default: {' '.join(BACKENDS)})"
    parser.addini("resdsl_backends", help, type="args", default=BACKENDS)
    for name, (meaning, default) in SETTINGS.items():
        parser.addini(name, f"{meaning} (default: {default})", default=default)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("resdsl_parity"):
        from resdsl.testing.collector import SETTINGS_KEY, settings_of

        # Before anything is collected, so that a mistake in them is said once.
        config.stash[SETTINGS_KEY] = settings_of(
            config.getini("resdsl_backends"), {name: config.getini(name) for name in SETTINGS}
        )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".res" or not parent.config.getoption("resdsl_parity"):
        return None
    from resdsl.testing.collector import ResFile

    file: pytest.Collector = ResFile.from_parent(parent, path=file_path)
    return file
