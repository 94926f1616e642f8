"""What training keeps of a forward pass until the backward pass has read it.

Counted are the results of operations that some gradient reads again (`Op.gradient_reads`), each
once: the inputs of convolutions, norms and max pools, the results of relus, the masks of dropout.
Nothing is recomputed or done in place. The network's own input, weights, and the few numbers a
channel that norms keep are not counted. It is what PyTorch's autograd saves, but for the indices of
max pools, which it keeps beside their inputs, and the inputs of average pools, of which it needs no
more than the shape.
"""

from __future__ import annotations

from math import prod

from resdsl.ir.graph import Graph, Node
from resdsl.sizes import Dim

FLOAT32 = 4

#: They show the entries of their input in another form, and take no memory of their own.
_VIEWS = frozenset({"identity", "flatten", "reshape", "transpose", "split"})


def kept_entries(graph: Graph) -> dict[int, Dim]:
    """Numbers kept for one sample, by the identity of the node that made them."""
    made = {value: node for node in graph.nodes for value in node.outputs}
    kept: dict[int, Dim] = {}
    for node in graph.nodes:
        for value in _read(node):
            maker = _maker(value, made)
            if maker is not None:
                kept[maker.output] = graph.types[maker.output].size
    entries = {id(made[value]): count for value, count in kept.items()}
    for node in graph.nodes:
        if node.op.gradient_reads == "mask":
            mask = prod(node.op.mask_shape(graph.types[node.output]))
            entries[id(node)] = entries.get(id(node), 0) + mask
    return entries


def _read(node: Node) -> tuple[int, ...]:
    match node.op.gradient_reads:
        case "inputs":
            return node.inputs
        case "result":
            return (node.output,)
        case _:
            return ()


def _maker(value: int, made: dict[int, Node]) -> Node | None:
    """The node whose result a value is, views seen through; none for the network's input."""
    node = made.get(value)
    while node is not None and node.op.name in _VIEWS:
        node = made.get(node.inputs[0])
    return node
