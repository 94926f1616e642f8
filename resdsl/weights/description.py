"""What is known of a network's weights before they are matched with another's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from resdsl.ir.graph import Graph
from resdsl.records import dataclass
from resdsl.weights.dataflow import Edges, Step, dataflow

#: What libraries call the tensors of a layer, and what PyTorch calls them.
ROLES = {
    "weight": "weight",
    "kernel": "weight",
    "scale": "weight",
    "gamma": "weight",
    "depthwise_kernel": "weight",
    "bias": "bias",
    "beta": "bias",
    "running_mean": "running_mean",
    "moving_mean": "running_mean",
    "mean": "running_mean",
    "running_var": "running_var",
    "moving_variance": "running_var",
    "var": "running_var",
}

Key: TypeAlias = "tuple[tuple[str, tuple[int, ...], bool], ...]"


@dataclass(frozen=True, slots=True)
class Tensor:
    """A weight: its name, its shape in PyTorch's layout, the layer that it is of, and its part
    there. `trainable` is false for running statistics."""

    name: str
    shape: tuple[int, ...]
    layer: str
    role: str
    trainable: bool = True

    @property
    def core(self) -> tuple[int, ...]:
        """The shape without what a 1x1 convolution has over a linear layer, or a scale of shape
        (channels, 1, 1) over one of (channels)."""
        if sum(size != 1 for size in self.shape) <= 1 and self.role != "weight":
            return tuple(size for size in self.shape if size != 1)
        shape = self.shape
        while len(shape) > 2 and shape[-1] == 1:
            shape = shape[:-1]
        return shape


@dataclass(frozen=True, slots=True)
class Description:
    """The weights of a network in the order in which they were declared, and how its layers are
    connected, as far as that is known (see `resdsl.weights.dataflow`)."""

    tensors: tuple[Tensor, ...]
    edges: Edges

    @property
    def layers(self) -> dict[str, tuple[Tensor, ...]]:
        """The tensors of each layer, in the order of declaration."""
        found: dict[str, list[Tensor]] = {}
        for tensor in self.tensors:
            found.setdefault(tensor.layer, []).append(tensor)
        return {layer: tuple(tensors) for layer, tensors in found.items()}

    @property
    def running_order(self) -> list[str]:
        """Layers as they run; those that were not seen to run come last, as declared."""
        layers = self.layers
        seen = [layer for layer in self.edges if layer in layers]
        return [*seen, *(layer for layer in layers if layer not in self.edges)]


def key_of(tensors: Iterable[Tensor]) -> Key:
    """What two layers must have in common if one may stand for the other."""
    given = tuple(tensors)
    if len(given) == 1 and sum(size != 1 for size in given[0].shape) <= 1:
        # A lone vector is a scale, whatever it is called.
        tensor = given[0]
        return (("vector", tuple(s for s in tensor.shape if s != 1), tensor.trainable),)
    return tuple(sorted((t.role, t.core, t.trainable) for t in given))


def tensors_of(
    named: Iterable[tuple[str, tuple[int, ...], bool]], separator: str = "."
) -> tuple[Tensor, ...]:
    """Tensors from names (`stem.conv.weight`), shapes and whether they are trained.

    Tensors in one place belong to one layer if their last names are what libraries call the parts
    of a layer. Any other is a layer by itself.
    """
    found: list[Tensor] = []
    taken: set[tuple[str, str]] = set()
    for name, shape, trainable in named:
        layer, _, last = name.rpartition(separator)
        role = ROLES.get(last)
        if role is None or (layer, role) in taken:
            layer, role = name, "weight"
        taken.add((layer, role))
        found.append(Tensor(name, shape, layer, role, trainable))
    return tuple(found)


def describe(graph: Graph) -> Description:
    """Of a network of ours."""
    tensors = tuple(
        Tensor(w.name, w.weight.shape, w.node.path, _role(w.name, w.node.path), w.weight.trainable)
        for w in graph.weights
    )
    weights = {t.layer: t.layer for t in tensors}
    steps = [
        # Values are numbers and layers are texts: none is taken for the other.
        Step((*node.inputs, node.owner.path), node.outputs)
        for node in graph.nodes
    ]
    edges = dataflow(steps, weights, [i.value for i in graph.inputs], graph.outputs)
    return Description(tensors, edges)


def _role(name: str, path: str) -> str:
    last = name.removeprefix(path).lstrip(".")
    return ROLES.get(last, last or "weight")


def description_to_json(description: Description) -> dict[str, Any]:
    """As JSON can hold it."""
    return {
        "tensors": [
            [t.name, list(t.shape), t.layer, t.role, t.trainable] for t in description.tensors
        ],
        "edges": {layer: sorted(sources) for layer, sources in description.edges.items()},
    }


def description_from_json(data: dict[str, Any]) -> Description:
    """The inverse of `description_to_json`."""
    return Description(
        tuple(Tensor(n, tuple(s), layer, role, t) for n, s, layer, role, t in data["tensors"]),
        {layer: frozenset(sources) for layer, sources in data["edges"].items()},
    )
