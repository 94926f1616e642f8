"""How faults get into ONNX files: nodes, attributes and constants of a `ModelProto`, changed.

A node of the network is a group of the graph's nodes: the one that is called by its path, and those
called `path/Operation_2` before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, helper, numpy_helper

from mutation.edits import twins
from resdsl.ir.graph import Graph, Node


class File:
    """A graph that is being changed under one node of the network."""

    def __init__(self, model: ModelProto, node: Node, graph: Graph) -> None:
        self.model = model
        self.node = node
        self.network = graph
        self.changes = 0

    @property
    def group(self) -> list[NodeProto]:
        """What the network's node is made of, in order."""
        path = self.node.path
        return [n for n in self.model.graph.node if n.name == path or n.name.startswith(f"{path}/")]

    def of_type(self, *types: str) -> Iterator[NodeProto]:
        return (n for n in self.group if n.op_type in types)

    @property
    def last(self) -> NodeProto:
        """The one that leaves the result."""
        return next(n for n in self.group if n.name == self.node.path)

    def constant(self, value: Any, kind: Any = np.float64) -> str:
        """The name of a new constant."""
        name = f"fault/{len(self.model.graph.initializer)}"
        self.model.graph.initializer.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def value(self, name: str) -> np.ndarray | None:
        """A constant's value, or `None` for what is none."""
        for held in self.model.graph.initializer:
            if held.name == name:
                return numpy_helper.to_array(held)
        return None

    def set_input(self, node: NodeProto, position: int, name: str) -> None:
        node.input[position] = name
        self.changes += 1

    def insert(self, before: NodeProto, op_type: str, inputs: list[str], **attributes: Any) -> str:
        """A new node in front of another; returns what it leaves."""
        name = f"fault/{op_type}_{len(self.model.graph.node)}"
        made = helper.make_node(op_type, inputs, [name], name=name, **attributes)
        position = [n.name for n in self.model.graph.node].index(before.name)
        self.model.graph.node.insert(position, made)
        self.changes += 1
        return name

    def instead(self, op_type: str, inputs: list[str], **attributes: Any) -> None:
        """The result comes from another node."""
        last = self.last
        made = helper.make_node(op_type, inputs, list(last.output), name=last.name, **attributes)
        last.CopyFrom(made)
        self.changes += 1

    def given(self) -> list[str]:
        """The tensors that the node is applied to, as its group reads them."""
        own = {output for n in self.group for output in n.output}
        initial = {i.name for i in self.model.graph.initializer}
        weights = {w.name for w in self.network.weights}
        read = [i for n in self.group for i in n.input]
        inner = lambda i: i in own or i in initial or i in weights or i.endswith(".mask")  # noqa: E731
        return list(dict.fromkeys(i for i in read if not inner(i)))


OnnxEdit: TypeAlias = Callable[[File], None]


# ---- edits ---------------------------------------------------------------------------------------


def number(old: Callable[[Node], float], new: Callable[[Node], float]) -> OnnxEdit:
    """A constant has another value, everywhere in the group."""

    def edit(file: File) -> None:
        wanted = old(file.node)
        for node in file.group:
            for position, name in enumerate(node.input):
                held = file.value(name)
                if held is not None and held.size == 1 and held.item() == wanted:
                    file.set_input(node, position, file.constant(new(file.node)))

    return edit


def attribute(**values: Any) -> OnnxEdit:
    """The attributes of a convolution, or of what else the group has with such."""

    def edit(file: File) -> None:
        for node in file.group:
            for held in node.attribute:
                if held.name in values:
                    held.CopyFrom(helper.make_attribute(held.name, values[held.name]))
                    file.changes += 1

    return edit


def left_out(file: File) -> None:
    file.instead("Identity", [file.given()[0]])


def another(op_type: str) -> OnnxEdit:
    """The last node is of another type."""

    def edit(file: File) -> None:
        file.last.op_type = op_type
        file.changes += 1

    return edit


def operand(position: int) -> OnnxEdit:
    """One operand alone is left of an operation of two."""

    def edit(file: File) -> None:
        file.instead("Identity", [file.last.input[position]])

    return edit


def reversed_inputs(file: File) -> None:
    inputs = list(file.last.input)[::-1]
    del file.last.input[:]
    file.last.input.extend(inputs)
    file.changes += 1


def reversed_parts(file: File) -> None:
    """What is split has its parts the other way round."""
    node = file.last
    channels = file.network.types[file.node.inputs[0]].channels
    parts = np.split(np.arange(channels), len(node.output))[::-1]
    order = file.constant(np.concatenate(parts), np.int64)
    file.set_input(node, 0, file.insert(node, "Gather", [node.input[0], order], axis=1))


def no_bias(file: File) -> None:
    for node in file.of_type("Conv", "Gemm"):
        del node.input[2:]
        file.changes += 1
    for node in file.of_type("Add"):
        if any(name.startswith(f"{file.node.path}.bias") for name in node.input):
            file.instead("Identity", [node.input[0]])


def _replace_weight(file: File, op_type: str, *inputs: str, **attributes: Any) -> None:
    """Whoever reads the weight reads what a new node makes of it."""
    wanted = f"{file.node.path}.weight"
    readers = [(n, i) for n in file.group for i, name in enumerate(n.input) if name == wanted]
    made = file.insert(readers[0][0], op_type, [wanted, *inputs], **attributes)
    for node, position in readers:
        file.set_input(node, position, made)


def weight(op_type: str, **attributes: Any) -> OnnxEdit:
    """Something happens to the weight on its way."""
    return lambda file: _replace_weight(file, op_type, **attributes)


def flipped(file: File) -> None:
    """The kernel the other way round in every direction."""
    shape = next(w.weight.shape for w in file.network.weights if w.node is file.node)
    axes = list(range(2, len(shape)))
    each = [[value] * len(axes) for value in (-1, -(2**31))]
    ints = [file.constant(v, np.int64) for v in (*each, axes, [-1] * len(axes))]
    _replace_weight(file, "Slice", *ints)


def coarse(kind: int) -> OnnxEdit:
    """Inputs, weight and result go through a coarser type."""

    def edit(file: File) -> None:
        for node in list(file.of_type("Conv", "Gemm", "MatMul")):
            for position in (0, 1):
                low = file.insert(node, "Cast", [node.input[position]], to=kind)
                back = file.insert(node, "Cast", [low], to=onnx.TensorProto.DOUBLE)
                file.set_input(node, position, back)
            result, name = node.output[0], node.name
            position = [n.name for n in file.model.graph.node].index(name)
            node.name, node.output[0] = f"{name}/exact", f"{name}/exact"
            low = helper.make_node("Cast", [node.name], [f"{name}/low"], f"{name}/low", to=kind)
            double = onnx.TensorProto.DOUBLE
            back = helper.make_node("Cast", list(low.output), [result], name, to=double)
            file.model.graph.node.insert(position + 1, low)
            file.model.graph.node.insert(position + 2, back)

    return edit


def moved_stride(file: File) -> None:
    first = f"{file.node.path.rpartition('.')[0]}.conv1"
    for node in file.model.graph.node:
        if node.name in (first, file.node.path):
            strides = [2, 2] if node.name == first else [1, 1]
            for held in node.attribute:
                if held.name == "strides":
                    held.CopyFrom(helper.make_attribute("strides", strides))
                    file.changes += 1


def tied(file: File) -> None:
    other = twins(file.node, file.network)[0]
    for node in file.group:
        for position, name in enumerate(node.input):
            if name == f"{file.node.path}.weight":
                file.set_input(node, position, f"{other.path}.weight")


def left_out_stage(file: File) -> None:
    """What reads the stage's result reads its input."""
    stage = file.node.path.partition(".")[0]
    own = [n for n in file.network.nodes if n.path.startswith(f"{stage}.")]
    inside = {o for n in file.model.graph.node if n.name.startswith(f"{stage}.") for o in n.output}
    before = next(
        name
        for n in file.model.graph.node
        if n.name.startswith(f"{stage}.")
        for name in n.input
        if name not in inside and not name.startswith(("constant/", f"{stage}."))
    )
    for node in file.model.graph.node:
        if not node.name.startswith(f"{stage}."):
            for position, name in enumerate(node.input):
                if name == own[-1].path:
                    file.set_input(node, position, before)


def statistics(change: Callable[[File, NodeProto], None]) -> OnnxEdit:
    """Of the new running statistics, which are made in the training form alone."""

    def edit(file: File) -> None:
        for node in file.model.graph.node:
            if re.fullmatch(re.escape(file.node.path) + r"\.running_(mean|var)/new", node.name):
                change(file, node)

    return edit


def kept(file: File, node: NodeProto) -> None:
    old = node.output[0].removesuffix("/new")
    node.CopyFrom(helper.make_node("Identity", [old], list(node.output), name=node.name))
    file.changes += 1


def exchanged_momentum(file: File) -> None:
    share = file.node.op.momentum  # type: ignore[attr-defined]
    for node in file.group:
        for position, name in enumerate(node.input):
            held = file.value(name)
            if held is None or held.size != 1 or node.op_type != "Mul":
                continue
            if held.item() in (share, 1 - share):
                file.set_input(node, position, file.constant(1 - held.item()))


def biased(file: File) -> None:
    for node in file.group:
        for position, name in enumerate(node.input):
            held = file.value(name)
            if held is not None and held.size == 1 and 1 < held.item() < 1.1:
                file.set_input(node, position, file.constant(1.0))


def relu6(file: File) -> None:
    file.instead("Clip", [file.given()[0], file.constant(0.0), file.constant(6.0)])


def relu(file: File) -> None:
    file.instead("Relu", [file.given()[0]])


def hard_sigmoid(file: File) -> None:
    """ONNX's and Keras 2's: a slope of 0.2."""
    last, low, high = file.last, file.constant(0.0), file.constant(1.0)
    steep = file.insert(last, "Mul", [file.given()[0], file.constant(0.2)])
    middle = file.insert(last, "Add", [steep, file.constant(0.5)])
    file.instead("Clip", [middle, low, high])


def sigmoid(file: File) -> None:
    file.instead("Sigmoid", [file.given()[0]])


def tanh_gelu(file: File) -> None:
    x, last = file.given()[0], file.last

    def made(op_type: str, *inputs: str) -> str:
        return file.insert(last, op_type, list(inputs))

    cubed = made("Pow", x, file.constant(3.0))
    inner = made("Add", x, made("Mul", cubed, file.constant(0.044715)))
    curve = made("Tanh", made("Mul", inner, file.constant(np.sqrt(2 / np.pi))))
    half = made("Mul", x, file.constant(0.5))
    file.instead("Mul", [half, made("Add", curve, file.constant(1.0))])


def zeros_win(file: File) -> None:
    for node in file.of_type("Pad"):
        file.set_input(node, 2, file.constant(0.0))


def reduced(op_type: str) -> OnnxEdit:
    """The reductions of a pool are of another type."""

    def edit(file: File) -> None:
        for node in file.of_type("ReduceMean", "ReduceMax"):
            node.op_type = op_type
            file.changes += 1

    return edit


def nearest(file: File) -> None:
    for held in file.group:
        if held.op_type == "Gather":
            axis = helper.get_attribute_value(held.attribute[0])
            size = file.network.types[file.node.inputs[0]].numbers[axis - 1]
            indices = np.repeat(np.arange(size), 2)
            file.set_input(held, 1, file.constant(indices, np.int64))


def lrn_undivided(file: File) -> None:
    for node in file.of_type("Conv"):
        band = file.value(node.input[1])
        assert band is not None
        file.set_input(node, 1, file.constant(band * file.node.op.size))  # type: ignore[attr-defined]


def positions_first(file: File) -> None:
    node = file.last
    made = file.insert(node, "Transpose", [node.input[0]], perm=[0, 2, 3, 1])
    file.set_input(node, 0, made)
