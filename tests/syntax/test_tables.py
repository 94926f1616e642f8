"""The parser's tables are Lark's, and running them gives what Lark gives."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl.diagnostics import Source
from resdsl.syntax.build import TreeBuilder
from resdsl.syntax.diagnosis import build_lark
from resdsl.syntax.grammar import TABLES, Grammar, NewlineFilter, grammar_text
from resdsl.syntax.survey import survey
from resdsl.syntax.tables import dump

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = sorted(
    path for folder in ("examples", "resdsl/library") for path in (ROOT / folder).rglob("*.res")
)

WORDS = (
    "block model recipe import def let expect defaults residual shortcut stage for in if else from "
    "or and not true false none x name conv 3 1e-3 0.5 2_000 = == != < >= + - * ** / // % ( ) [ ] "
    "{ } , ; : ."
)
PIECES = [*WORDS.split(), "", " ", "\n", "\n    ", "# c\n", '"text"', '"a{i}"']


@pytest.fixture(scope="module")
def both() -> tuple[Grammar, Grammar]:
    """The grammar as it is, and without its tables."""
    return Grammar(), Grammar(with_tables=False)


def test_the_tables_are_larks(golden: Callable[[Path, str], None]) -> None:
    parser = build_lark(grammar_text(), None, NewlineFilter())
    golden(ROOT / "grammars" / TABLES, dump(parser, grammar_text(), TreeBuilder))


def test_the_tables_are_in_use() -> None:
    assert Grammar()._driver is not None


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_the_tree_of_a_file_is_larks(path: Path, both: tuple[Grammar, Grammar]) -> None:
    source = Source(path.name, path.read_text())
    for chunk in survey(source).chunks:
        text = source.text[chunk.start : chunk.end]
        ours, larks = (g.parse(source, text, chunk.start, "definition") for g in both)
        assert ours[1] is None
        assert repr(ours) == repr(larks)


def test_what_fits_and_what_does_not_is_the_same(both: tuple[Grammar, Grammar]) -> None:
    """Pieces of real definitions with a few tokens exchanged, put in, or left out."""
    draw = random.Random(0)
    sentences = [
        source.text[chunk.start : chunk.end]
        for source in (Source(p.name, p.read_text()) for p in FILES)
        for chunk in survey(source).chunks
    ]
    fitting = 0
    for _ in range(400):
        text = mutated(draw.choice(sentences), draw)
        source = Source("net.res", text)
        ours, larks = (g.parse(source, text, 0, "definition") for g in both)
        assert repr(ours) == repr(larks), text
        fitting += ours[1] is None
    assert 20 < fitting < 380, "the texts are too easy or too hard"


def mutated(text: str, draw: random.Random) -> str:
    for _ in range(draw.randint(1, 3)):
        place = draw.randrange(len(text) + 1)
        width = draw.choice([0, 0, 1, 2, 5])
        text = text[:place] + draw.choice(PIECES) + text[place + width :]
    return text


@pytest.mark.parametrize(
    "text",
    [
        "a < b not in c",
        "[v for v in x if v]",
        "f(a, b = c)[1:]",
        "-x ** 2",
        "a if b else c",
        "in.x",
    ],
)
def test_the_tree_of_an_expression_is_larks(text: str, both: tuple[Grammar, Grammar]) -> None:
    source = Source("<value>", text)
    ours, larks = (g.parse(source, text, 0, "expr") for g in both)
    assert ours[1] is None
    assert repr(ours) == repr(larks)
