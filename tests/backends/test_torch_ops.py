"""Every case of every operation in generated PyTorch, against the interpreter of the graph: outputs
in both modes, the running statistics, and the gradients of all weights and of the input."""

import pytest

pytest.importorskip("torch")

from agreement import check_agreement, check_gradients
from cases import Case, every_case
from compiled import source_of


@every_case()
def test_it_computes_the_case(case: Case) -> None:
    source = source_of(case.graph)
    check_agreement(case.graph, source, loose=1e-12)
    check_gradients(case.graph, source)
