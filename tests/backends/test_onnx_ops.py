"""Every case of every operation as an ONNX graph, against the interpreter of the graph.

The float64 graph runs in ONNX's reference evaluator and must agree to 1e-12, in evaluation and in
its training form (with the new running statistics); the float32 graph runs in onnxruntime and may
be as far off as float32 is. Both pass the checker and have exactly the inferred shapes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import onnxruntime as ort
import pytest
import torch
from cases import FOLDER, OPERATIONS, Case, checked, every_case
from interpreter import Run, random_input, random_masks, random_weights
from onnx.reference import ReferenceEvaluator
from torch import Tensor

from resdsl.codegen.backend import get_backend
from resdsl.diagnostics import CompileError, Source, Span
from resdsl.ir.graph import Graph, GraphInput, NamedWeight, Node, Origin
from resdsl.ir.model import Block, BlockValue
from resdsl.ops import OPS, Op, UnaryOp
from resdsl.parity.limits import FACTOR, SPACING
from resdsl.types import TensorType

SPAN = Span(Source("test.res", "layer"), 0, 5)
BATCH = 3
IMAGE = (4, 9, 11)

# ---- cases ---------------------------------------------------------------------------------------


@every_case()
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_computes_the_case(case: Case, dtype: str, tmp_path: Path) -> None:
    graph = case.graph
    weights = {name: value.numpy() for name, value in random_weights(graph).items()}
    model = exported(graph, tmp_path / "net.onnx", weights=weights, dtype=dtype)
    expected, limit = computed(graph, dtype, training=False)
    got = run(model, dtype, {"input": random_input(graph, BATCH)})
    assert_within(got, {"output": expected["output"]}, limit)
    assert shapes_inferred(model)["output"] == ["N", *graph.output_types[0].shape]


@every_case()
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_trains_as_the_case(case: Case, dtype: str, tmp_path: Path) -> None:
    graph = case.graph
    weights = {name: value.numpy() for name, value in random_weights(graph).items()}
    options = {"weights": weights, "dtype": dtype, "training": True, "batch": BATCH}
    model = exported(graph, tmp_path / "net.onnx", **options)
    expected, limit = computed(graph, dtype, training=True)
    masks = {f"{path}.mask": mask for path, mask in random_masks(graph, BATCH).items()}
    assert_within(run(model, dtype, {"input": random_input(graph, BATCH)} | masks), expected, limit)


def computed(graph: Graph, dtype: str, *, training: bool) -> tuple[dict[str, Tensor], float]:
    """What the interpreter finds in float64, and how far off a run in `dtype` may be: in float32,
    as parity has it, by the distance of the interpreter's own float32."""
    exact = interpreted(graph, torch.float64, training)
    if dtype == "float64":
        return exact, 1e-12
    single = interpreted(graph, torch.float32, training)
    noise = max(distance(single[name], exact[name]) for name in exact)
    return exact, FACTOR * max(noise, SPACING["float32"])


def interpreted(graph: Graph, dtype: torch.dtype, training: bool) -> dict[str, Tensor]:
    weights = {name: value.to(dtype) for name, value in random_weights(graph).items()}
    masks = {path: mask.to(dtype) for path, mask in random_masks(graph, BATCH).items()}
    network = Run(weights, training=training, masks=masks)
    found = {"output": network(graph, random_input(graph, BATCH).to(dtype))}
    return found | {f"{name}/new": value for name, value in network.statistics.items()}


def run(model: Any, dtype: str, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """Outputs by name: of the reference evaluator, or of onnxruntime."""
    feed = {name: value.numpy().astype(dtype) for name, value in inputs.items()}
    names = [value.name for value in model.graph.output]
    if dtype == "float64":
        arrays = ReferenceEvaluator(model).run(None, feed)
    else:
        arrays = ort.InferenceSession(model.SerializeToString()).run(None, feed)
    assert all(array.dtype == dtype for array in arrays)
    return {name: torch.from_numpy(a) for name, a in zip(names, arrays, strict=True)}


def assert_within(got: dict[str, Tensor], expected: dict[str, Tensor], limit: float) -> None:
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        assert distance(got[name], value) <= limit, name


def distance(ours: Tensor, reference: Tensor) -> float:
    assert ours.shape == reference.shape
    scale = max(float(reference.abs().max()), torch.finfo(torch.float32).tiny)
    return float((ours.double() - reference).abs().max()) / scale


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_nodes_are_those_reviewed(operation: str, tmp_path: Path, golden: Any) -> None:
    text = f"Written by `make golden` from {operation}.res: the nodes of the operation.\n"
    for model, graph in checked(operation).graphs.items():
        text += f"\n---- {model} ".ljust(90, "-") + "\n"
        paths = {node.path for node in graph.nodes if node.op.name == operation}
        shown: list[list[str]] = []
        for title, options in FORMS.items():
            proto = exported(graph, tmp_path / "net.onnx", **options)
            lines = [line for name, line in listing(proto) if name.partition("/")[0] in paths]
            if lines not in shown:
                text += "\n".join(["", f"{title}:", *lines, ""])
            shown.append(lines)
    golden(FOLDER / f"{operation}.onnx.txt", text)


#: A form that is the same as one before it is not shown.
FORMS: dict[str, dict[str, Any]] = {
    "float32": {},
    "float64": {"dtype": "float64"},
    "training, float64": {"dtype": "float64", "training": True, "batch": BATCH},
}


def listing(model: Any) -> Iterator[tuple[str, str]]:
    """Each node by name, in one line: what it makes of what."""
    for node in model.graph.node:
        attributes = [f"{a.name}={onnx.helper.get_attribute_value(a)}" for a in node.attribute]
        arguments = ", ".join([*node.input, *attributes])
        yield node.name, f"    {', '.join(node.output)} = {node.op_type}({arguments})"


def test_every_operation_has_a_rule() -> None:
    from resdsl.backends.onnx.export import rules

    assert rules.missing() == []


# ---- what no network is made of ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("identity", {}),
        ("pad", {"amount": 0}),
        ("subsample", {"by": 1}),
        ("pad_channels", {"to": 4}),
        ("adaptive_avg_pool", {"size": IMAGE[1:]}),
        ("add", {}),
        ("mul", {}),
        ("concat", {}),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_nothing_to_do_is_a_copy(
    name: str, options: dict[str, Any], dtype: str, tmp_path: Path
) -> None:
    graph = network(OPS[name](**options), IMAGE)
    model = exported(graph, tmp_path / "net.onnx", dtype=dtype)
    x = random_input(graph, BATCH)
    (y,) = run(model, dtype, {"input": x}).values()
    assert torch.equal(y, x.to(y.dtype))


def test_an_operation_without_a_rule_is_an_error_at_its_place(tmp_path: Path) -> None:
    class Unheard(UnaryOp):
        name = "unheard"

    with pytest.raises(CompileError) as caught:
        get_backend("onnx").export(network(Unheard(), IMAGE), tmp_path / "net.onnx")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0502"
    assert diagnostic.message == "the onnx backend has no rule for `unheard`"
    assert diagnostic.primary is not None and diagnostic.primary.span is SPAN
    assert list(tmp_path.iterdir()) == []


def test_an_unbiased_variance_of_one_value_is_an_error(tmp_path: Path) -> None:
    graph = network(OPS["batch_norm"](), (6,))
    with pytest.raises(CompileError) as caught:
        get_backend("onnx").export(graph, tmp_path / "net.onnx", training=True, batch=1)
    assert caught.value.diagnostics[0].code == "R0507"


def network(op: Op, *shapes: tuple[int, ...]) -> Graph:
    """One operation, called `layer`, on inputs of these shapes."""
    types = [TensorType(shape) for shape in shapes]
    node = Node(op, tuple(range(len(types))), len(types), "layer", Origin(SPAN))
    graph = Graph("net", "", BlockValue(Block("net", (), "", SPAN)), {})
    graph.inputs = [GraphInput(f"input{i}" if i else "input", i) for i in range(len(types))]
    graph.types = [*types, op.infer(*types)]
    graph.nodes, graph.outputs = [node], [len(types)]
    graph.weights = [NamedWeight(f"layer.{w.name}", w, node) for w in op.weights(types[0])]
    return graph


def exported(graph: Graph, path: Path, **options: Any) -> Any:
    """The file as it was read back, after the checker has passed it."""
    get_backend("onnx").export(graph, path, **options)
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(path)
    names = [node.name for node in model.graph.node]
    assert all(names) and len(set(names)) == len(names)
    return model


def shapes_inferred(model: Any) -> dict[str, list[Any]]:
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    return {
        value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in [*inferred.graph.output, *inferred.graph.value_info]
    }
