"""Single operations in PyTorch: without a twist they are the network's, with one they are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from cases import OPERATIONS, Case, cases
from interpreter import Run, random_inputs, random_masks, random_weights
from resdsl.backends.torch.trials import evaluate

from resdsl.codegen.trial import STATISTIC, VALUE, Trial, Wanted, trial_from_json, trial_to_json
from resdsl.parity.localize.flow import Flow

# Other work on the machine makes threads of tiny operations wait for one another.
torch.set_num_threads(1)


def arrays_of(graph: Any, inputs: Any, weights: Any, masks: Any) -> dict[str, np.ndarray]:
    return {
        **{f"value/{i.value}": x.numpy() for i, x in zip(graph.inputs, inputs, strict=True)},
        **{f"weight/{name}": w.numpy() for name, w in weights.items()},
        **{f"mask/{name}": m.numpy() for name, m in masks.items()},
    }


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_cases_of_an_operation(operation: str) -> None:
    for case in cases():
        if case.operation == operation:
            for training in (False, True):
                check_case(case, training)


def check_case(case: Case, training: bool) -> None:
    graph, flow = case.graph, Flow(case.graph)
    weights, masks = random_weights(graph), random_masks(graph)
    inputs = [case.bent(x) for x in random_inputs(graph)]
    run = Run(weights, training=training, masks=masks)
    with torch.no_grad():
        results = run(graph, *inputs)
    results = results if isinstance(results, list) else [results]
    arrays = arrays_of(graph, inputs, weights, masks)
    steps = tuple(map(flow.step, graph.nodes))
    for value, expected in zip(graph.outputs, results, strict=True):
        trial = Trial(steps, Wanted(VALUE, str(value)), training)
        check(trial, arrays, expected)
    for name, expected in run.statistics.items():
        check(Trial(steps, Wanted(STATISTIC, name), training), arrays, expected)


def check(trial: Trial, arrays: dict[str, np.ndarray], expected: Any) -> None:
    made = evaluate(trial_from_json(trial_to_json(trial)), arrays)
    np.testing.assert_allclose(made, expected.numpy(), rtol=1e-11, atol=1e-12)
