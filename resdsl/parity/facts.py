"""What the workers and the comparison need to know about a network, taken from its graph.

Plain data that travels as JSON. Workers never see the graph, and no `.res` file is parsed twice.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from operator import index
from typing import Any

from resdsl.codegen.lower.dialect import pascal
from resdsl.codegen.probes import result_name
from resdsl.codegen.runtime import Facts, TensorFact, WeightFact
from resdsl.ir.graph import Graph, Node
from resdsl.types import TensorType


def facts_of(graph: Graph) -> Facts:
    """The facts of one network."""
    dropouts = [n for n in graph.nodes if n.op.stochastic]
    return Facts(
        model=graph.name,
        class_name=pascal(graph.name),
        inputs=tuple(TensorFact(i.name, graph.types[i.value].numbers) for i in graph.inputs),
        outputs=tuple(
            TensorFact(name, graph.types[value].numbers)
            for name, value in zip(graph.output_names, graph.outputs, strict=True)
        ),
        weights=tuple(
            WeightFact(w.name, w.weight.shape, w.weight.trainable) for w in graph.weights
        ),
        dropouts=tuple(
            TensorFact(n.path, tuple(map(index, n.op.mask_shape(graph.types[n.output]))))
            for n in dropouts
        ),
        rates={n.path: float(getattr(n.op, "rate")) for n in dropouts},  # noqa: B009 (any op)
        values=tuple(
            TensorFact(result_name(node.path, number), graph.types[value].numbers)
            for node in graph.nodes
            for number, value in enumerate(node.outputs)
        ),
        sites=_sites(graph),
    )


def _sites(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The operations of every place in the code, in the order in which it runs them."""
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for node in graph.nodes:
        found[node.site] += (node.path,)
    return dict(found)


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """As JSON can hold them."""
    return asdict(facts)


def facts_from_json(data: dict[str, Any]) -> Facts:
    """The inverse of `facts_to_json`."""

    def tensors(key: str) -> tuple[TensorFact, ...]:
        return tuple(TensorFact(t["name"], tuple(t["shape"])) for t in data[key])

    return Facts(
        model=data["model"],
        class_name=data["class_name"],
        inputs=tensors("inputs"),
        outputs=tensors("outputs"),
        weights=tuple(
            WeightFact(w["name"], tuple(w["shape"]), w["trainable"]) for w in data["weights"]
        ),
        dropouts=tensors("dropouts"),
        rates=data["rates"],
        values=tensors("values"),
        sites={site: tuple(paths) for site, paths in data["sites"].items()},
    )


def absorbed(graph: Graph) -> dict[str, str]:
    """Biases that training cannot see, each with the weight of the same layer.

    A constant added to a channel vanishes in the batch norm behind it, which subtracts the mean,
    and in the key of an attention, where it adds the same to all logits of a softmax. The gradient
    of such a bias is zero in exact arithmetic, and what a framework computes for it is rounding
    alone, which no two compute alike: it is to be measured against the gradient of the layer's
    weight. The walk goes backwards from there through operations that leave a constant per channel
    one; VGG's convolutions with batch norm are the plain case.
    """
    consumers: dict[int, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        for value in node.inputs:
            consumers[value].append(node)
    outputs = set(graph.outputs)
    vanishing: set[int] = set()
    for node in reversed(graph.nodes):
        for value in node.outputs:
            if value in outputs or not consumers[value]:
                continue
            type_ = graph.types[value]
            if all(
                _swallows(n, value, type_)
                or (vanishing.issuperset(n.outputs) and _keeps_constants(n, value, type_))
                for n in consumers[value]
            ):
                vanishing.add(value)
    return _biases(graph, vanishing)


def _biases(graph: Graph, vanishing: set[int]) -> dict[str, str]:
    names = {w.name for w in graph.weights}
    seen = {node.owner for node in graph.nodes if node.output not in vanishing}
    found = {}
    other = None
    for named in graph.weights:
        weight = f"{named.node.path}.weight"
        if named.weight.name == "bias" and named.node not in seen and weight in names:
            found[named.name] = weight
        elif named.node.op.name == "offset" and named.node not in seen:
            # It has no weight beside it: measured against the one before it.
            if other is not None and named.node.op.per != "entry":  # type: ignore[attr-defined]
                found[named.name] = other
        elif named.weight.trainable:
            other = named.name
    return found


#: Operations that make of a constant per channel another one, whatever their arguments.
TRANSPARENT = frozenset(
    {"add", "sub", "concat", "identity", "subsample", "pad_channels", "flatten", "linear"}
    | {"max_pool", "global_avg_pool", "global_max_pool", "adaptive_avg_pool"}
    | {"upsample", "pick", "split"}
)


def _swallows(node: Node, value: int, x: TensorType) -> bool:
    """Whether a constant per channel vanishes in an operation."""
    if node.op.name == "attend":
        query, key, summed = node.inputs
        return key == value and value not in (query, summed)
    if node.op.name == "group_norm":
        return bool(getattr(node.op, "groups") == x.channels)  # noqa: B009 (any op)
    return node.op.name == "batch_norm"


def _keeps_constants(node: Node, value: int, x: TensorType) -> bool:
    op = node.op
    if op.name in TRANSPARENT:
        return True
    if op.name == "attend":
        # The weights of the values add up to one.
        query, key, summed = node.inputs
        return summed == value and value not in (query, key)
    if op.name == "drop_path":
        # In a batch that a low rate leaves whole, it is a factor; the gradient may then vanish.
        return True
    if op.name in ("scale", "offset"):
        return bool(op.per != "entry")  # type: ignore[attr-defined]
    if op.name in ("conv", "avg_pool"):
        # Zeros around the input break the constant at the border.
        pads = op.pads(x)  # type: ignore[attr-defined]
        return not any(pads)
    return False
