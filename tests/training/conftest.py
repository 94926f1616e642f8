"""A short run of the NumPy backend, never interrupted, that others are compared with."""

from pathlib import Path

import pytest
from runs import TINY, train

#: Four epochs of 11 steps. A line of the log does not end with an epoch.
SHORT = ("--log-every", "4", "--threads", "1")


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(f"{TINY}:tiny", "--backend", "numpy", "-o", folder, *SHORT)
    return folder


@pytest.fixture
def short() -> tuple[str, ...]:
    """The options of `run`."""
    return SHORT
