"""What all tests share: golden files, compared as they are or rewritten with `--update-golden`."""

import difflib
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite the golden files from what the compiler prints now, instead of comparing",
    )


def pytest_configure() -> None:
    # A shell starts what runs in its background with Ctrl-C ignored, and processes inherit that:
    # the commands whose Ctrl-C is tested would not hear it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """`golden(path, text)`: the text equals the committed file, byte for byte."""
    update: bool = request.config.getoption("--update-golden")

    def compare(path: Path, text: str) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            return
        name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        if not path.is_file():
            pytest.fail(f"{name} does not exist yet: `make golden` writes it", pytrace=False)
        # Bytes, because reading as text would turn \r\n into \n and hide the difference.
        expected = path.read_bytes().decode()
        if expected != text:
            message = f"{name} is no longer what is printed (`make golden` rewrites it)"
            pytest.fail(f"{message}\n{unified_diff(expected, text, str(name))}", pytrace=False)

    return compare


def unified_diff(expected: str, actual: str, name: str) -> str:
    lines = difflib.unified_diff(
        expected.splitlines(keepends=True),
        actual.splitlines(keepends=True),
        fromfile=name,
        tofile="printed now",
    )
    # A last line without its newline is a difference too, and would otherwise look like none.
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ no newline at the end\n" for line in lines
    )
