"""The table of codes: each explained, and its examples true."""

import re
from pathlib import Path

import pytest

import resdsl
from resdsl.diagnostics import CompileError, Source
from resdsl.diagnostics.codes import CODES, Code
from resdsl.syntax import parse

PACKAGE = Path(resdsl.__file__).parent
SYNTAX = [code for code in CODES.values() if code.code.startswith("R01")]


def test_codes_are_told_apart() -> None:
    assert all(re.fullmatch(r"R0[1-7]\d\d", key) for key in CODES)
    assert all(code.code == key for key, code in CODES.items())
    assert list(CODES) == sorted(CODES)


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_each_is_explained(code: Code) -> None:
    assert code.title and not code.title.endswith(".")
    assert code.explanation.endswith(".") and bool(code.wrong) == bool(code.right)
    assert all(not text or text.endswith("\n") for text in (code.wrong, code.right))


@pytest.mark.parametrize("code", [code for code in SYNTAX if code.wrong], ids=lambda c: c.code)
def test_the_examples_are_true(code: Code) -> None:
    with pytest.raises(CompileError) as caught:
        parse(Source("wrong.res", code.wrong))
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [code.code]
    parse(Source("right.res", code.right))


def test_every_code_of_this_stage_is_in_the_table() -> None:
    used = set()
    for path in (PACKAGE / "syntax").glob("*.py"):
        used |= set(re.findall(r'"(R0\d\d\d)"', path.read_text(encoding="utf-8")))
    listed = {code for code in CODES if code < "R02"} | {f"R070{n}" for n in range(1, 6)}
    assert used == listed
