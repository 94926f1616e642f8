"""`resdsl explain`: every code, operation, initializer and word has its text."""

import pytest

from resdsl.cli.words import WORDS
from resdsl.diagnostics import Source
from resdsl.diagnostics.codes import CODES
from resdsl.ops import INITIALIZERS, OPS, attributes_of
from resdsl.passes.check import check_source
from resdsl.recipes.slots import OPTIONS, SLOTS
from resdsl.syntax.formatter import format_source
from resdsl.syntax.lexemes import RESERVED


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(resdsl, code: str) -> None:
    done = resdsl("explain", code.lower())
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{code}: {CODES[code].title}\n")
    assert ("Wrong:" in done.out) is bool(CODES[code].wrong)


@pytest.mark.parametrize("name", OPS)
def test_every_operation_is_explained(resdsl, name: str) -> None:
    done = resdsl("explain", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(name)
    assert all(f"  {attribute} " in done.out for attribute in attributes_of(OPS[name]))
    assert "\nBackends: torch, jax, tensorflow, onnx\n" in done.out


def test_the_weights_of_an_operation_are_shown(resdsl) -> None:
    assert "has weight 3 x 6 x 3 x 3, bias 3\n" in resdsl("explain", "conv").out
    assert "Weights" not in resdsl("explain", "relu").out


@pytest.mark.parametrize("name", INITIALIZERS)
def test_every_initializer_is_explained(resdsl, name: str) -> None:
    done = resdsl("explain", name)
    assert (done.code, done.err) == (0, "")
    assert INITIALIZERS[name].doc in done.out


@pytest.mark.parametrize("slot", SLOTS)
def test_every_slot_of_a_recipe_is_explained(resdsl, slot: str) -> None:
    done = resdsl("explain", slot)
    assert (done.code, done.err) == (0, "")
    assert f"{slot}: a slot of recipes\n" in done.out
    assert f"Options: {', '.join(SLOTS[slot].options)}\n" in done.out
    assert slot in resdsl("explain", "recipe").out


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_of_a_recipe_is_explained(resdsl, name: str) -> None:
    done = resdsl("explain", name)
    assert (done.code, done.err) == (0, "")
    option = OPTIONS[name][0].options[name]
    assert all(f"  {p.name} " in done.out and p.doc in done.out for p in option.parameters)
    assert done.out.endswith(f"`{OPTIONS[name][-1].name}: {name}`\n")


def test_a_name_of_two_things_has_two_texts(resdsl) -> None:
    out = resdsl("explain", "linear").out
    assert "Family: Fully connected layers" in out and "For recipes: `schedule: linear`" in out


@pytest.mark.parametrize("word", WORDS)
def test_words_of_the_language(resdsl, word: str) -> None:
    assert WORDS[word].example.splitlines()[0] in resdsl("explain", word).out
    source = Source("example.res", WORDS[word].example)
    assert check_source(source).diagnostics == []
    assert format_source(source) == source.text


def test_every_word_that_begins_a_statement_is_among_them() -> None:
    values = {"or", "and", "not", "true", "false", "none", "else"}
    assert values | WORDS.keys() >= RESERVED


def test_no_such_code(resdsl) -> None:
    done = resdsl("explain", "R304")
    assert done.code == 2
    assert "error[R0716]" in done.err
    assert "did you mean `R0304`?" in done.err


def test_nothing_of_that_name(resdsl) -> None:
    done = resdsl("explain", "batchnorm")
    assert done.code == 2
    assert "did you mean `batch_norm`?" in done.err
    assert "`resdsl ops` lists the operations" in resdsl("explain", "qqqqqq").err
