"""Every case of every operation in generated PyTorch, against the interpreter of the graph: outputs
in both modes, the running statistics, and the gradients of all weights and of the input."""

import pytest

pytest.importorskip("torch")

import torch
from agreement import check_agreement, check_gradients, live
from cases import DEPTH, Case, check_depth, every_case
from compiled import graph_of, source_of
from interpreter import random_input


@every_case()
def test_it_computes_the_case(case: Case) -> None:
    source = source_of(case.graph)
    check_agreement(case.graph, source, loose=1e-12)
    check_gradients(case.graph, source, case.bent(random_input(case.graph)))


def test_stochastic_depth_drops_whole_samples() -> None:
    torch.manual_seed(0)
    model = live(source_of(graph_of(DEPTH))).train()
    check_depth(model(torch.ones(64, 4, 2, 3)).numpy())
