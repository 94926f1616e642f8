"""Nodes, constants and names of an ONNX graph while it is written.

`GraphBuilder` collects what the graph will hold. A `Site` is the place of one operation of the
network in it: emit rules see nothing else. Names are the canonical ones: a node is called after
the path of its operation, and where a rule needs several, the last one is, and the others are
`path/Kind`. Paths hold no slash, so names made here never meet an author's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, ValueInfoProto, helper

from resdsl.codegen.runtime import Array
from resdsl.records import dataclass, field
from resdsl.sizes import Dim
from resdsl.types import TensorType

from .sizes import SizeNodes, dimension_of

#: Little-endian whatever the machine: that is how tensors lie in the file.
NUMPY_TYPES: dict[str, np.dtype[Any]] = {
    "float32": np.dtype("<f4"),
    "float64": np.dtype("<f8"),
}
ONNX_TYPES = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE}


@dataclass(frozen=True, slots=True)
class Form:
    """Which graph of a network is wanted.

    The float32 graph uses ONNX's own layers, as a runtime likes them best. The float64 one is for
    proofs and made of elementary operations only: float attributes such as a batch norm's epsilon
    are stored as float32, and the reference evaluator's windows and LRN are slow or wrong (it reads
    uneven padding in the wrong order). In training form the batch size is fixed, batch norms use
    the batch's statistics and return the new running ones, and dropout masks are inputs.
    """

    dtype: str = "float32"
    training: bool = False
    batch: int | None = None

    @property
    def elementary(self) -> bool:
        """Whether only elementary operations are wanted."""
        return self.dtype == "float64"


@dataclass(slots=True)
class GraphBuilder:
    """What the ONNX graph will hold, in the order of its making."""

    form: Form
    #: Every name of a value; each may be made once.
    values: set[str]
    sizes: SizeNodes
    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    masks: list[ValueInfoProto] = field(default_factory=list)
    statistics: list[ValueInfoProto] = field(default_factory=list)
    #: For every statistic: how many layers are still to move it, and what it is by now.
    movers: dict[str, int] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    def new_value(self, name: str) -> str:
        """`name`, or `name/value` where a weight or an input is called so already."""
        if name in self.values:
            name = f"{name}/value"
        if name in self.values:
            raise ValueError(f"two values are called {name}")
        self.values.add(name)
        return name

    def constant(self, name: str, value: Array) -> str:
        """A constant of the graph; one name means one value."""
        self.constants.setdefault(name, value)
        return name

    def info(self, name: str, shape: tuple[Dim, ...], *, batched: bool = True) -> ValueInfoProto:
        """Declares an input or output: `shape` behind the batch, or alone."""
        batch = self.form.batch or "N"
        sizes = map(dimension_of, shape)
        dimensions = (batch, *sizes) if batched else tuple(sizes)
        return helper.make_tensor_value_info(name, ONNX_TYPES[self.form.dtype], dimensions)


@dataclass(slots=True)
class Site:
    """One operation of the network, while its ONNX nodes are written.

    `inputs` and `types` are what flows in, `output` and `result` what must come out (of several
    results, the first: `outputs` and `results` are all), and `weights` maps the operation's own
    names to the canonical ones.
    """

    graph: GraphBuilder
    path: str
    inputs: tuple[str, ...]
    types: tuple[TensorType, ...]
    outputs: tuple[str, ...]
    results: tuple[TensorType, ...]
    weights: Mapping[str, str]

    @property
    def output(self) -> str:
        """The result."""
        return self.outputs[0]

    @property
    def result(self) -> TensorType:
        """Its type."""
        return self.results[0]

    @property
    def x(self) -> str:
        """The input of an operation that has one."""
        return self.inputs[0]

    @property
    def type(self) -> TensorType:
        """The type of that input."""
        return self.types[0]

    @property
    def form(self) -> Form:
        return self.graph.form

    def emit(self, kind: str, *inputs: str, **attributes: Any) -> None:
        """The node that leaves the operation's result, or all of several."""
        self._node(kind, inputs, self.path, self.outputs, attributes)

    def part(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node before the last one; returns the name of its value."""
        name, count = f"{self.path}/{kind}", 1
        while name in self.graph.values:
            count += 1
            name = f"{self.path}/{kind}_{count}"
        self._node(kind, inputs, name, (self.graph.new_value(name),), attributes)
        return name

    def _node(
        self,
        kind: str,
        inputs: tuple[str, ...],
        name: str,
        outputs: tuple[str, ...],
        attributes: dict[str, Any],
    ) -> None:
        self.graph.nodes.append(helper.make_node(kind, inputs, outputs, name=name, **attributes))

    def ints(self, *values: Dim) -> str:
        """A list of whole numbers: axes, pads, sizes. Those known at run time are worked out."""
        numbers = [value for value in values if isinstance(value, int)]
        if len(numbers) == len(values):
            name = "constant/ints_" + "_".join(map(str, values))
            return self.graph.constant(name, np.array(numbers, np.dtype("<i8")))
        parts = [self.graph.sizes.value(value, self.graph) for value in values]
        return parts[0] if len(parts) == 1 else self.part("Concat", *parts, axis=0)

    def whole(self, name: str, values: Array) -> str:
        """An array of whole numbers that belongs to this operation alone."""
        return self.graph.constant(f"{self.path}/{name}", values.astype(np.dtype("<i8")))

    def number(self, value: float) -> str:
        """A number in the type of the graph."""
        array = np.array(value, NUMPY_TYPES[self.form.dtype])
        return self.graph.constant(f"constant/{value!r}", array)

    def filled(self, value: float, size: int) -> str:
        """A vector of one number, such as the scale of a batch norm that has none."""
        array = np.full(size, value, NUMPY_TYPES[self.form.dtype])
        return self.graph.constant(f"constant/{value!r}_x_{size}", array)

    def table(self, name: str, values: Array, dtype: str = "") -> str:
        """An array that belongs to this operation alone, in the type of the graph or another."""
        array = values.astype(np.dtype(dtype) if dtype else NUMPY_TYPES[self.form.dtype])
        return self.graph.constant(f"{self.path}/{name}", array)

    def over_positions(self, vector: str) -> str:
        """A vector over the channels, so shaped that it repeats over the positions of the input."""
        if not self.type.rank:
            return vector
        return self.part("Unsqueeze", vector, self.ints(*range(1, self.type.rank + 1)))

    def mask(self, shape: tuple[Dim, ...]) -> str:
        """An input that tells what a stochastic operation keeps, `path.mask`: `shape` a sample."""
        name = self.graph.new_value(f"{self.path}.mask")
        self.graph.masks.append(self.graph.info(name, shape))
        return name

    def statistic(self, name: str) -> str:
        """A running statistic as it is before this layer moves it."""
        return self.graph.moved.get(self.weights[name], self.weights[name])

    def new_statistic(self, name: str, kind: str, *inputs: str) -> None:
        """The node whose result is the new value of a running statistic, an output of the graph.

        An initializer has the canonical name already, and names are unique: it is `name/new`. Of a
        layer that runs again, each run moves what the one before has left.
        """
        canonical = self.weights[name]
        self.graph.movers[canonical] -= 1
        if self.graph.movers[canonical]:
            self.graph.moved[canonical] = value = self.graph.new_value(f"{self.path}/{name}")
            self._node(kind, inputs, value, (value,), {})
            return
        value = self.graph.new_value(f"{canonical}/new")
        self._node(kind, inputs, value, (value,), {})
        info = self.graph.info(value, (self.type.channels,), batched=False)
        self.graph.statistics.append(info)
