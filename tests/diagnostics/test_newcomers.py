"""The mistakes that newcomers make first: each message says what to write instead."""

from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl.diagnostics import Source, render_all
from resdsl.passes.check import check_source
from resdsl.syntax.formatter import format_source
from tests.diagnostics.newcomers import FOLDER, MISTAKES, page

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_said(name: str, golden: Callable[[Path, str], None]) -> None:
    text = (FOLDER / f"{name}.res").read_text()
    found = check_source(Source("net.res", text)).diagnostics
    assert found
    # A `help` line, or a label that quotes what is missing.
    assert all(d.help or (d.primary and "expected `" in d.primary.text) for d in found)
    golden(FOLDER / f"{name}.txt", render_all(found) + "\n")


@pytest.mark.parametrize("name", MISTAKES)
def test_how_it_is_written(name: str) -> None:
    source = Source("net.res", (FOLDER / f"{name}.right.res").read_text())
    assert check_source(source).diagnostics == []
    assert format_source(source) == source.text


def test_every_file_is_on_the_page() -> None:
    stems = {path.name.partition(".")[0] for path in FOLDER.iterdir()}
    assert stems == MISTAKES.keys()


def test_the_page(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "mistakes.md", page())
