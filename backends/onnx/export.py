"""From `ir.Graph` to an `.onnx` file.

The graph is built with `onnx.helper`, node by node through the emit rules, without its weights,
which are streamed into the file as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from resdsl import __version__
from resdsl.codegen.runtime import Array
from resdsl.diagnostics import InternalError, error
from resdsl.ir.graph import Graph, Node
from resdsl.ir.model import Block
from resdsl.sizes import UnknownSize

from .builder import NUMPY_TYPES, ONNX_TYPES, Form, GraphBuilder, Site
from .rules import rules
from .sizes import SizeNodes
from .stream import Tensor, write_model

#: The oldest operator set in which every reduction takes its axes as an input, so that one rule
#: serves all: December 2022, onnxruntime 1.14. Nothing here gains from a newer one, and a runtime
#: reads older files and not newer ones. The file format version is the one of that time.
OPSET = 18
IR_VERSION = 8

Weights: TypeAlias = Mapping[str, Array] | Iterable[tuple[str, Array]]


def export(
    graph: Graph,
    path: Path,
    weights: Weights | None = None,
    *,
    training: bool = False,
    batch: int | None = None,
    dtype: str = "float32",
    external_data: bool | None = None,
) -> None:
    """Write `graph` to `path`.

    `weights` are canonical names and arrays, as a mapping or in the graph's order; they are read
    one at a time. Without them the file has no initializers for them, and they are inputs of the
    graph, under the same names. `training` writes the training form, for a `batch` of that size;
    otherwise the batch dimension is free ("N") unless `batch` fixes it. `dtype` is `float32` or
    `float64`. `external_data` puts the weights into a second file, `path` + `.data`; left at `None`
    that happens above 2 GiB.
    """
    form = Form(dtype, training, batch)
    if dtype not in ONNX_TYPES:
        raise ValueError(f"dtype is {dtype!r} and should be float32 or float64")
    if training and batch is None:
        raise ValueError("the training form needs a batch size")
    if not graph.is_sized and (training or form.elementary):
        raise error(
            "R0508",
            f"the {'training' if training else dtype} form of `{graph.name}` has one size of "
            "input, and the network leaves it to the run time",
            help="give one: `--input 3x64x64`",
        )
    model = build_model(graph, form, weights_inside=weights is not None)
    if weights is None:
        write_model(path, model, [], iter(()), external=False)
        return
    tensors = [Tensor(w.name, w.weight.shape, dtype) for w in graph.weights]
    write_model(path, model, tensors, _in_order(graph, weights), external=external_data)


def build_model(graph: Graph, form: Form, *, weights_inside: bool) -> ModelProto:
    """The model without its weights: its nodes, constants, inputs and outputs."""
    inputs = [i.name for i in graph.inputs]
    builder = GraphBuilder(form, {*inputs, *(w.name for w in graph.weights)}, SizeNodes.of(graph))
    outputs = _emit_nodes(graph, builder)
    # In the training form a caller may hand the new statistics back: an input that is an
    # initializer too has that for its default.
    weights = [
        builder.info(w.name, w.weight.shape, batched=False)
        for w in graph.weights
        if not weights_inside or (form.training and not w.weight.trainable)
    ]
    types = zip(inputs, graph.input_types, strict=True)
    proto = helper.make_graph(
        builder.nodes,
        graph.name,
        [*(builder.info(name, type.shape) for name, type in types), *builder.masks, *weights],
        [*outputs, *builder.statistics],
        [_constant(name, value) for name, value in builder.constants.items()],
        doc_string=graph.doc,
    )
    model = helper.make_model(
        proto,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="resdsl",
        producer_version=__version__,
        doc_string=graph.doc,
    )
    helper.set_model_props(model, {"source": f"{_file_name(graph)}:{graph.name}"})
    return model


def _file_name(graph: Graph) -> str:
    """Of the text, without its folder: the bytes must not depend on where somebody keeps it."""
    block = graph.entry.target
    if not isinstance(block, Block):
        raise InternalError(f"the model {graph.name} is the operation {block.name}")
    return Path(block.span.source.name).name


def _emit_nodes(graph: Graph, builder: GraphBuilder) -> list[ValueInfoProto]:
    """Fill the builder; returns the declared outputs of the network."""
    owned: dict[Node, dict[str, str]] = {}
    for named in graph.weights:
        owned.setdefault(named.node, {})[named.weight.name] = named.name
    for node in graph.nodes:
        for canonical in owned.get(node.owner, {}).values():
            builder.movers[canonical] = builder.movers.get(canonical, 0) + 1
    names = {i.value: i.name for i in graph.inputs}
    produced = {value for node in graph.nodes for value in node.outputs}
    # The name of an output is promised: it goes to the value, or to a copy of it.
    promised: dict[int, str] = {}
    copied: list[tuple[int, str]] = []
    declared: list[ValueInfoProto] = []
    for label, value in zip(graph.output_names, graph.outputs, strict=True):
        name = builder.new_value(label)
        declared.append(builder.info(name, graph.types[value].shape))
        if value in produced and value not in promised:
            promised[value] = name
        else:
            copied.append((value, name))
    for node in graph.nodes:
        for value, path in zip(node.outputs, _paths(node), strict=True):
            names[value] = promised.get(value) or builder.new_value(path)
        site = Site(
            builder,
            node.path,
            tuple(names[value] for value in node.inputs),
            tuple(graph.types[value] for value in node.inputs),
            tuple(names[value] for value in node.outputs),
            tuple(graph.types[value] for value in node.outputs),
            owned.get(node.owner, {}),
        )
        rule = rules.find(type(node.op), node.origin.span)
        try:
            rule(node.op, site)
        except UnknownSize as unknown:
            raise error(
                "R0508",
                f"`{node.op.name}` has no form in ONNX where its input is known at run time only",
                node.origin.span,
                f"it depends on `{unknown.size}`",
                help="give the input numbers, in the file or with `--input`",
            ) from None
    for value, name in copied:
        builder.nodes.append(helper.make_node("Identity", [names[value]], [name], name=name))
    return declared


def _paths(node: Node) -> list[str]:
    """What the results of a node are called: its path, and with numbers where it leaves a list."""
    if not node.op.is_list:
        return [node.path]
    return [f"{node.path}.{number}" for number in range(len(node.outputs))]


def _constant(name: str, value: Array) -> TensorProto:
    kind = TensorProto.INT64
    for dtype, numpy_type in NUMPY_TYPES.items():
        if value.dtype == numpy_type:
            kind = ONNX_TYPES[dtype]
    return TensorProto(name=name, dims=value.shape, data_type=kind, raw_data=value.tobytes())


def _in_order(graph: Graph, weights: Weights) -> Iterator[Array]:
    """The arrays in the graph's order, whatever they came in; none is kept."""
    if isinstance(weights, Mapping):
        yield from (weights[w.name] for w in graph.weights)
        return
    pairs = iter(weights)
    for named in graph.weights:
        name, array = next(pairs, ("nothing", None))
        if array is None or name != named.name:
            raise InternalError(f"{name} comes where the weight {named.name} is due")
        yield array
        del array
