"""The table of codes: each explained, and its examples true."""

import re
from pathlib import Path

import pytest
import resdsl.backends

import resdsl
from resdsl.diagnostics import CompileError, Source, codes
from resdsl.diagnostics.codes import CODES, Code
from resdsl.passes.check import check_source
from resdsl.records import replace
from resdsl.syntax import parse

PACKAGE = Path(resdsl.__file__).parent
SYNTAX = [code for code in CODES.values() if code.code.startswith("R01")]
# Those about the command line have commands for examples.
PASSES = [
    code
    for code in CODES.values()
    if code.code.startswith(("R02", "R03", "R04", "R082")) and not code.wrong.startswith("resdsl ")
]


def test_codes_are_told_apart() -> None:
    assert all(re.fullmatch(r"R0[1-8]\d\d", key) for key in CODES)
    assert all(code.code == key for key, code in CODES.items())
    assert list(CODES) == sorted(CODES)
    # One code in two files would otherwise be the one of the later file.
    assert len(CODES) == sum(len(stage.CODES) for stage in codes._STAGES)


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


@pytest.mark.parametrize("code", [code for code in PASSES if code.wrong], ids=lambda c: c.code)
def test_the_examples_of_the_passes_are_true(code: Code, tmp_path: Path) -> None:
    """Some import a file beside them."""
    (tmp_path / "blocks.res").write_text("block basic(width) {\n    conv(width, 3)\n}\n")
    sources = [Source(name, "", str(tmp_path / name)) for name in ("wrong.res", "right.res")]
    texts = (code.wrong, code.right)
    wrong, right = (
        check_source(replace(source, text=text), str(tmp_path))
        for source, text in zip(sources, texts, strict=True)
    )
    assert [diagnostic.code for diagnostic in wrong.diagnostics] == [code.code]
    assert right.diagnostics == []


def test_the_table_holds_the_codes_that_are_used() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for folder in (PACKAGE, Path(resdsl.backends.__path__[0]))
        for path in folder.rglob("*.py")
        if PACKAGE / "diagnostics" / "codes" not in path.parents
    ]
    used = set(re.findall(r'"(R0\d\d\d)"', "\n".join(texts)))
    assert used == set(CODES)
