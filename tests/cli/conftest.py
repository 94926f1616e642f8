"""Runs the command line in this process, as a user would see it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from resdsl.cli.main import main

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def resdsl(capsys: pytest.CaptureFixture[str]) -> Command:
    """`resdsl("check", path)`: exit code and both streams."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A small file with two models and a family."""
    path = tmp_path / "net.res"
    path.write_text(NET)
    return path


NET = """\
block unit(width, stride = 1, skip: block = projection) {
    residual {
        conv1: conv(width, 3, stride = stride, bias = false)
        bn1: batch_norm
    } shortcut down: skip
    relu
}
model family(width: int, depth = 1, skip: block = projection) {
    input(3, 8, 8)
    conv1: conv(width, 3)
    stage layer1: depth x unit(2 * width, stride = 2, skip = skip)
    global_avg_pool
    fc: linear(10)
}
model small = family(4)
model large = family(8, depth = 2)
expect small.params == 554
expect large.params > small.params, "the large one is larger"
"""
