"""Which layer's result goes into which layer, read from a program's elementary operations.

A framework's own trace (PyTorch's graph of gradients, a jaxpr, a TensorFlow graph) is a list of
operations that read and write values. Some values are weights. What is computed from weights alone
(`rsqrt(variance + eps) * scale`) still belongs to their layer; an operation that joins such a value
with data is a part of that layer, and its result comes from there. So however a user has written a
batch norm, it is one layer here, and operations without weights leave no trace.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from resdsl.records import dataclass

#: For each layer, where its data come from: layers, and `<input 0>`. `<output 0>` is one, too.
Edges: TypeAlias = dict[str, frozenset[str]]

#: Values and weights are told apart by whatever a framework tells them apart by.
Value: TypeAlias = Hashable


@dataclass(frozen=True, slots=True)
class Step:
    """An elementary operation: the values that it reads and writes, by what tells them apart."""

    reads: tuple[Value, ...]
    writes: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class _Value:
    """Data, with the layers that they come from; or made of the weights of these layers alone."""

    is_data: bool
    layers: frozenset[str]


def dataflow(
    steps: Iterable[Step],
    weights: Mapping[Any, str],
    inputs: Sequence[Value],
    outputs: Sequence[Value],
) -> Edges:
    """Edges between layers, in the order in which the layers first run.

    `steps` are in an order in which they can run, and `weights` says which values are weights, and
    of which layer. Values that nobody wrote are constants.
    """
    values: dict[Value, _Value] = {
        value: _Value(False, frozenset([layer])) for value, layer in weights.items()
    }
    for i, value in enumerate(inputs):
        values[value] = _Value(True, frozenset([f"<input {i}>"]))
    edges: dict[str, set[str]] = {}
    for step in steps:
        read = [values[value] for value in step.reads if value in values]
        sources = _layers(v for v in read if v.is_data)
        own = _layers(v for v in read if not v.is_data)
        is_data = any(v.is_data for v in read)
        for layer in own if is_data else ():
            edges.setdefault(layer, set()).update(sources - {layer})
        written = _Value(is_data, (own or sources) if is_data else own)
        values.update((value, written) for value in step.writes)
    found = {layer: frozenset(sources) for layer, sources in edges.items()}
    for i, value in enumerate(outputs):
        found[f"<output {i}>"] = values[value].layers if value in values else frozenset()
    return found


def _layers(values: Iterable[_Value]) -> frozenset[str]:
    return frozenset().union(*(value.layers for value in values))
