"""Seeded numbers for parity: inputs, targets, masks and weights that hide nothing.

All come from the canonical stream of the weights floor (Philox, by seed and name), as float32, so
that a float32 run and a float64 run start from the same numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from resdsl.codegen.runtime import Array, Facts, TensorFact
from resdsl.ir.graph import Graph
from resdsl.ops import Constant, Initializer, Normal, Uniform, Weight
from resdsl.weights.initialize import draw

#: How much larger two channels of a norm are than the others, one of them upside down, in case that
#: numbers are skewed. Normalised numbers hardly pass 3.5, and a relu6 is a relu below 6.
LOUD = 4.0
#: What leaves such channels as large.
_PASSING = frozenset({"add", "concat", "max_pool", "avg_pool", "blur_pool", "dropout", "drop_path"})
_NORMS = frozenset({"batch_norm", "group_norm", "layer_norm"})

#: Share of a target's probability that is spread over all classes.
SMOOTHING = 0.1


def drawn(init: Initializer, shape: tuple[int, ...], name: str, seed: int) -> Array:
    """An array of parity's own; its stream is apart from those of all weights."""
    return draw(Weight("parity", shape, init), f"parity: {name}", seed)


def starting_weights(graph: Graph, seed: int) -> Iterator[tuple[str, Array]]:
    """The canonical start, with what would be plain ones and zeros made different from them.

    Fresh statistics (mean 0, variance 1), scales of one and shifts of zero hide an epsilon, a
    statistic that is not loaded, a branch whose last scale starts at zero.
    """
    ends = _branch_ends(graph)
    activated = _activated(graph)
    loud = _loud(graph) - ends
    for named in graph.weights:
        weight, path = named.weight, named.node.path
        if named.node.op.name == "batch_norm":
            init = _norm_start(weight.name, path in ends, path in activated)
        elif isinstance(weight.init, Constant):
            init = Normal(0.1, mean=weight.init.value)
        else:
            yield named.name, draw(weight, named.name, seed)
            continue
        array = drawn(init, weight.shape, f"weight {named.name}", seed)
        if weight.name == "weight" and path in loud:
            array[0] *= LOUD
            array[1:][-1:] *= -LOUD
        yield named.name, array


def _norm_start(weight: str, ends_branch: bool, activated: bool) -> Initializer:
    """Numbers for a batch norm that keep deep networks from multiplying rounding.

    A fresh network doubles a small difference every few layers: 110 plain ones make of the last
    bit of a float64 an eighth digit, and then frameworks that mean the same no longer agree.
    Shifts that leave most units of a ReLU open (and each channel another part) and residual
    branches that are small beside their shortcuts, as in trained networks, keep it a last bit.
    """
    match weight:
        case "running_mean":
            return Normal(0.1)
        case "running_var":
            return Uniform(1.0, 1.3)
        case "weight":
            return Normal(0.04, mean=0.2) if ends_branch else Normal(0.2, mean=1.0)
    return Normal(1.0, mean=1.5) if activated else Normal(0.1)


#: What scales or drops the result of a residual branch without being a layer of it.
_GATES = frozenset({"mul", "drop_path", "dropout", "scale"})


def _branch_ends(graph: Graph) -> set[str]:
    """Batch norms that end a residual branch: the first operand of an addition, gated or not.

    The gate of squeeze-and-excitation is computed from what it multiplies, the first operand.
    """
    firsts = {node.inputs[0] for node in graph.nodes if node.op.name == "add"}
    for node in reversed(graph.nodes):
        if node.op.name in _GATES and node.output in firsts:
            firsts.add(node.inputs[0])
    return {node.path for node in graph.nodes if node.output in firsts}


def _activated(graph: Graph) -> set[str]:
    """Nodes whose result only ReLUs read."""
    readers = defaultdict(set)
    for node in graph.nodes:
        for value in node.inputs:
            readers[value].add(node.op.name)
    return {node.path for node in graph.nodes if readers[node.output] == {"relu"}}


def _loud(graph: Graph) -> set[str]:
    """Norms whose result comes to a relu or relu6 with nothing between that changes its size."""
    readers = defaultdict(list)
    for node in graph.nodes:
        for value in node.inputs:
            readers[value].append(node)
    reaching: set[int] = set()
    for node in reversed(graph.nodes):
        for reader in readers[node.output]:
            passes = reader.op.name in _PASSING and reader.output in reaching
            if passes or reader.op.name in ("relu", "relu6"):
                reaching.add(node.output)
    return {n.path for n in graph.nodes if n.op.name in _NORMS and n.output in reaching}


def noise(facts: Facts, batch: int, step: int, seed: int) -> dict[str, Array]:
    """Normal numbers for every input."""
    return {
        i.name: drawn(Normal(1.0), (batch, *i.shape), f"input {i.name} {step}", seed)
        for i in facts.inputs
    }


def loss_name(facts: Facts) -> str:
    """Cross entropy for one vector of class scores, else the mean square against drawn targets."""
    shapes = [output.shape for output in facts.outputs]
    is_classifier = len(shapes) == 1 and len(shapes[0]) == 1 and shapes[0][0] > 1
    return "cross_entropy" if is_classifier else "mean_square"


def targets(facts: Facts, batch: int, step: int, seed: int) -> dict[str, Array]:
    """Smoothed probabilities of drawn labels, or drawn values."""
    if loss_name(facts) == "mean_square":
        return {
            o.name: drawn(Normal(1.0), (batch, *o.shape), f"target {o.name} {step}", seed)
            for o in facts.outputs
        }
    (output,) = facts.outputs
    classes = output.shape[0]
    uniform = drawn(Uniform(0.0, 1.0), (batch,), f"labels {step}", seed)
    labels = np.minimum((uniform * classes).astype(np.int64), classes - 1)
    hot: Any = np.eye(classes)[labels]
    return {output.name: (hot * (1 - SMOOTHING) + SMOOTHING / classes).astype(np.float32)}


def masks(facts: Facts, batch: int, step: int, seed: int) -> dict[str, Array]:
    """Ones where a dropout keeps an entry, by canonical path."""
    return {d.name: mask(d, facts.rates[d.name], batch, f"{step}", seed) for d in facts.dropouts}


def mask(dropout: TensorFact, rate: float, samples: int, when: str, seed: int) -> Array:
    """Ones where one dropout keeps an entry; `when` tells its masks of one run apart."""
    shape = (samples, *dropout.shape)
    numbers = drawn(Uniform(0.0, 1.0), shape, f"mask {dropout.name} {when}", seed)
    return (numbers >= rate).astype(np.uint8)
