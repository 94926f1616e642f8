"""What the probes of every backend must show: the interpreter's values, name by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from interpreter import Run
from probing import Bench, Seen, largest_difference

from resdsl.codegen.probes import result_name
from resdsl.weights.store import read_weights

#: Items that run again, in a block that does; names that nobody wrote, alike in several places;
#: items without a layer in loops and shortcuts; two results; a scope called as an item is.
AGAIN = """
block shared(w) {
    a: conv(w, 3)
    relu
    y: relu
    again(a)
    add(y)
    relu
}

block mixed(w) {
    conv(w, 1)
    relu
    for k in range(2) {
        relu
        residual { conv(w, 3); tanh } shortcut { avg_pool(3, stride = 1, pad = 1); tanh }
    }
    many: split(2)
    concat(many[1], many[0])
}

model net {
    input(3, 8, 8)
    conv1: conv(4, 3)
    s: shared(4)
    again(s)
    t: relu
    again(t)
    u[0]: tanh
    u[1]: relu
    again(u[0])
    mixed(4)
    global_avg_pool
    linear(5)
}
"""


def interpreted(bench: Bench) -> dict[str, np.ndarray]:
    """What every node leaves, by the interpreter."""
    weights = {n: torch.tensor(a).double() for n, a in read_weights(bench.weights).items()}
    run = Run(weights)
    inputs = [torch.tensor(bench.batch.inputs[i.name]).double() for i in bench.facts.inputs]
    with torch.no_grad():
        run(bench.graph, *inputs)
    return {
        result_name(node.path, number): value.numpy()
        for node, values in run.results
        for number, value in enumerate(values)
    }


def check_forced(bench: Bench, runtime: Any, seen: Seen, trained: Seen) -> None:
    """Going on with one's own values is going on."""
    network = bench.probed(runtime)
    assert largest_difference(bench.infer(network, seen).values, seen.values) < 1e-13
    again = bench.step(network, trained)
    assert largest_difference(again.values, trained.values) < 1e-13
    assert largest_difference(again.gradients, trained.gradients) < 1e-12
    assert largest_difference(again.weights, trained.weights) < 1e-12


def check_values(bench: Bench, runtime: Any) -> None:
    """All values are there and are the interpreter's, in eval; all are in training; going on with
    one's own changes nothing."""
    network = bench.probed(runtime)
    assert network.complete
    seen = bench.infer(network)
    plain = bench.plain(runtime).infer(bench.batch.inputs)
    assert largest_difference(dict(plain), dict(seen.outputs)) < 1e-13
    assert largest_difference(seen.values, interpreted(bench)) < 1e-12
    trained = bench.step(network)
    assert set(trained.values) == set(bench.names)
    if "gradients" in bench.backend.capabilities:
        assert set(trained.gradients) == set(bench.names)
        assert set(trained.weights) == set(bench.facts.parameters)
    check_forced(bench, runtime, seen, trained)
