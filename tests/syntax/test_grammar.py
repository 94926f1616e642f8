"""The grammar file itself, and what starting the parser costs."""

import subprocess
import sys

import lark
import pytest

from resdsl.syntax.diagnosis import STARTS
from resdsl.syntax.grammar import NewlineFilter, grammar_text
from resdsl.syntax.lexemes import RESERVED


def test_it_has_no_conflict() -> None:
    pytest.importorskip("interegular", reason="Lark's strict mode needs it")
    lark.Lark(
        grammar_text(),
        parser="lalr",
        lexer="contextual",
        start=STARTS,
        postlex=NewlineFilter(),
        strict=True,
    )


def test_it_reserves_the_words_it_should() -> None:
    for word in RESERVED:
        assert f"/{word}\\b/" in grammar_text() and f"|{word}" in f"|{grammar_text()}".replace(
            "(?:", "|"
        )


def test_a_sound_file_imports_no_more_than_it_needs() -> None:
    program = (
        "import sys; from resdsl.syntax import parse; from resdsl.diagnostics import Source; "
        "parse(Source('a', 'block f { relu }')); print(*sys.modules)"
    )
    run = [sys.executable, "-c", program]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    heavy = {"rich", "click", "numpy", "difflib", "resdsl.diagnostics.codes"}
    heavy |= {"resdsl.syntax.recovery", "resdsl.syntax.mistakes", "lark", "importlib.resources"}
    assert not heavy & set(loaded)
