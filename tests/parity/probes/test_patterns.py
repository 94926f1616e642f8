"""Which values `--probe` chooses, by names alone."""

import pytest

from resdsl.codegen.runtime import Facts, TensorFact
from resdsl.diagnostics import CompileError
from resdsl.parity.probes.patterns import chosen

NAMES = (
    "conv1",
    "layer1.0.conv1",
    "layer1.0.relu1",
    "layer1.1.conv1",
    "layer1.1.relu1",
    "parts",
    "parts#1",
    "fc",
)
FACTS = Facts("net", "Net", (), (), (), values=tuple(TensorFact(name, (4,)) for name in NAMES))


def test_all_are_all_in_their_order() -> None:
    assert chosen(FACTS, "all") == NAMES


def test_blocks_are_the_last_of_every_scope() -> None:
    assert chosen(FACTS, "blocks") == ("layer1.0.relu1", "layer1.1.relu1", "fc")


def test_a_pattern_fits_whole_paths_and_all_results_of_an_operation() -> None:
    assert chosen(FACTS, "layer1.*.conv?") == ("layer1.0.conv1", "layer1.1.conv1")
    assert chosen(FACTS, "parts") == ("parts", "parts#1")


def test_a_pattern_that_fits_nothing_is_refused() -> None:
    with pytest.raises(CompileError, match="called like `layer9"):
        chosen(FACTS, "layer9.*")
