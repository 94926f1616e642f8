"""The formatter on texts that nobody would write: what it gives says the same, and is final.

`format_source` compares the meaning and the comments itself, and raises where they would change.
The seeds are fixed. Of more of them, run
`RESDSL_FUZZ=10000 pytest tests/syntax/test_formatter_property.py`.
"""

import os
from pathlib import Path

import pytest

from resdsl.diagnostics import Source
from resdsl.syntax import parse
from resdsl.syntax.formatter import format_source
from tests.support.programs import program
from tests.support.scramble import scrambled

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = sorted((ROOT / "examples").rglob("*.res")) + sorted((ROOT / "resdsl").rglob("*.res"))
FILES += sorted((ROOT / "tests/data/networks").glob("*.res"))
TEXTS = [path.read_text() for path in FILES]
INPUTS = int(os.environ.get("RESDSL_FUZZ", "250"))


def formatted(text: str) -> str:
    return format_source(Source("net.res", text))


def insist_final(text: str) -> str:
    once = formatted(text)
    assert formatted(once) == once
    assert all(line == line.rstrip() for line in once.split("\n"))
    assert "\n\n\n" not in once and once[:1] != "\n" and once[-2:] != "\n\n"
    return once


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_of_ours(path: Path) -> None:
    insist_final(path.read_text())


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.res")), ids=lambda p: p.stem)
def test_the_examples_are_laid_out(path: Path) -> None:
    assert formatted(path.read_text()) == path.read_text()


def test_random_programs() -> None:
    for seed in range(INPUTS):
        insist_final(program(seed))


def test_random_layouts() -> None:
    for seed in range(INPUTS):
        own = TEXTS[seed % len(TEXTS)] if seed % 3 == 0 else program(seed)
        text = scrambled(own, seed)
        parse(Source("net.res", text))  # Else the test is wrong, not the formatter.
        insist_final(text)
