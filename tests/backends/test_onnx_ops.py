"""Every operation of the ONNX backend, with every option, against an independent computation.

One case is one operation on its own. Its float64 graph must agree with PyTorch in float64 to 1e-12
in the reference evaluator, its float32 graph to float32's precision in onnxruntime, and both must
pass the checker and have exactly the inferred shapes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from torch.nn import functional as F

from resdsl.codegen.backend import get_backend
from resdsl.diagnostics import CompileError, Source, Span
from resdsl.ir.graph import Graph, GraphInput, NamedWeight, Node, Origin
from resdsl.ir.model import Block, BlockValue
from resdsl.ops import OPS, Op, UnaryOp
from resdsl.types import TensorType

SPAN = Span(Source("test.res", "layer"), 0, 5)
BATCH = 3


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


def arrays_for(graph: Graph) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs and weights, positive where a variance stands."""
    random = np.random.default_rng(5)
    types = zip(graph.inputs, graph.input_types, strict=True)
    inputs = {i.name: random.standard_normal((BATCH, *type.shape)) for i, type in types}
    weights = {
        w.name: random.uniform(0.5, 2, w.weight.shape)
        if w.name.endswith("var")
        else random.standard_normal(w.weight.shape)
        for w in graph.weights
    }
    return inputs, weights


@dataclass(frozen=True)
class Case:
    name: str
    op: Op
    shapes: tuple[tuple[int, ...], ...]
    expected: Callable[..., Any]  # (inputs..., **weights by the operation's names)


IMAGE = (4, 9, 11)


def case(name: str, expected: Callable[..., Any], *shapes: tuple[int, ...], **options: Any) -> Case:
    kind = name.split()[0]
    return Case(name, OPS[kind](**options), shapes or (IMAGE,), expected)


def conv(pad: Any = 0, **options: Any) -> Callable[..., Any]:
    """`pad` as PyTorch's `F.pad` takes it, or one number."""
    sides = [pad] * 4 if isinstance(pad, int) else pad
    return lambda x, weight, bias=None: F.conv2d(F.pad(x, sides), weight, bias, **options)


def batch_norm(x: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None):
    return F.batch_norm(x, running_mean, running_var, weight, bias, False, 0.1, EPS)


def average_of_inside(x: Any, sides: list[int], kernel: Any, stride: Any) -> Any:
    """Means that leave the padding out, by counting with a second pool."""
    ones = F.pad(torch.ones_like(x), sides)
    return F.avg_pool2d(F.pad(x, sides), kernel, stride) / F.avg_pool2d(ones, kernel, stride)


def max_with_frame(x: Any, sides: list[int], *window: Any) -> Any:
    return F.max_pool2d(F.pad(x, sides, value=-torch.inf), *window)


EPS = 0.03
CASES = [
    case("conv same", conv(1), out=6, kernel=3),
    case("conv stride", conv(1, stride=2), out=6, kernel=3, stride=2, bias=False),
    case("conv valid", conv(), out=6, kernel=3, pad="valid"),
    case("conv number", conv(3), out=2, kernel=3, pad=3),
    case("conv asymmetric", conv([3, 4, 1, 2]), out=2, kernel=3, pad=(1, 2, 3, 4)),
    case("conv even", conv([0, 1, 0, 1]), out=2, kernel=2, pad=(0, 1, 0, 1)),
    case("conv rectangle", conv([2, 2, 0, 0], stride=(2, 3)), out=2, kernel=(1, 5), stride=(2, 3)),
    case("conv dilation", conv(4, stride=2, dilation=4), out=2, kernel=3, stride=2, dilation=4),
    case(
        "conv dilations",
        conv([2, 2, 3, 3], dilation=(3, 1)),
        out=2,
        kernel=(3, 5),
        dilation=(3, 1),
    ),
    case("conv groups", conv(1, groups=2), out=6, kernel=3, groups=2),
    case("conv depthwise", conv(1, groups=4, stride=2), out=8, kernel=3, groups=4, stride=2),
    # 9 rows in strides of 2 are 5 windows, which reach over 11; 11 columns in strides of 3 are 4,
    # which reach over 12 = 9 + 3.
    case(
        "conv tf_same",
        conv([0, 1, 1, 1], stride=(2, 3)),
        out=2,
        kernel=3,
        stride=(2, 3),
        pad="tf_same",
    ),
    case("conv tf_same odd", conv([1, 2, 1, 2]), (4, 8, 8), out=2, kernel=4, pad="tf_same"),
    case("linear vector", lambda x, weight, bias: F.linear(x, weight, bias), (7,), out=5),
    case("linear no bias", lambda x, weight: F.linear(x, weight), (7,), out=5, bias=False),
    case(
        "linear image",
        lambda x, weight, bias: F.linear(x.movedim(1, -1), weight, bias).movedim(-1, 1),
        out=5,
    ),
    case("batch_norm image", batch_norm, eps=EPS),
    case("batch_norm vector", batch_norm, (6,), eps=EPS),
    case("batch_norm plain", batch_norm, eps=EPS, affine=False),
    case("batch_norm plain vector", batch_norm, (6,), eps=EPS, affine=False),
    case(
        "lrn",
        lambda x: F.local_response_norm(x, 5, 0.3, 0.6, 1.5),
        (9, 4, 3),
        size=5,
        alpha=0.3,
        beta=0.6,
        k=1.5,
    ),
    case("lrn wide", lambda x: F.local_response_norm(x, 7), size=7),
    case("relu image", torch.relu),
    case("relu vector", torch.relu, (5,)),
    case("softmax vector", lambda x: torch.softmax(x, 1), (5,)),
    case("softmax image", lambda x: torch.softmax(x, 1)),
    case("dropout", lambda x: x, rate=0.3),
    case("identity image", lambda x: x),
    case("identity vector", lambda x: x, (5,)),
    case("flatten image", lambda x: x.flatten(1)),
    case("flatten vector", lambda x: x, (5,)),
    case("pad number", lambda x: F.pad(x, [2] * 4), amount=2),
    case("pad sides", lambda x: F.pad(x, [3, 4, 1, 2], value=0.7), amount=(1, 2, 3, 4), value=0.7),
    case("pad nothing", lambda x: x, amount=0),
    case("subsample", lambda x: x[:, :, ::2, ::2], by=2),
    case("subsample pair", lambda x: x[:, :, ::3, ::2], by=(3, 2)),
    case("subsample one", lambda x: x, (5,), by=1),
    case("pad_channels image", lambda x: F.pad(x, [0, 0, 0, 0, 0, 3]), to=7),
    case("pad_channels vector", lambda x: F.pad(x, [0, 3]), (4,), to=7),
    case("pad_channels none", lambda x: x, to=4),
    case("max_pool same", lambda x: F.max_pool2d(x, 3, 2, 1), kernel=3, stride=2),
    case("max_pool stride one", lambda x: F.max_pool2d(x, 3, 1, 1), kernel=3, stride=1),
    case("max_pool even", lambda x: F.max_pool2d(x, 2), kernel=2),
    case("max_pool number", lambda x: F.max_pool2d(x, 4, 3, 2), kernel=4, stride=3, pad=2),
    case(
        "max_pool asymmetric",
        lambda x: max_with_frame(x, [0, 2, 1, 0], (3, 4), (2, 1)),
        kernel=(3, 4),
        stride=(2, 1),
        pad=(1, 0, 0, 2),
    ),
    case(
        "max_pool asymmetric stride one",
        lambda x: max_with_frame(x, [1, 0, 0, 1], 3, 1),
        kernel=3,
        stride=1,
        pad=(0, 1, 1, 0),
    ),
    case(
        "max_pool tf_same",
        lambda x: max_with_frame(x, [0, 1, 1, 1], 3, (2, 3)),
        kernel=3,
        stride=(2, 3),
        pad="tf_same",
    ),
    case("avg_pool plain", lambda x: F.avg_pool2d(x, 2), kernel=2),
    case("avg_pool number", lambda x: F.avg_pool2d(x, 3, 2, 1), kernel=3, stride=2, pad=1),
    case(
        "avg_pool inside",
        lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
        kernel=3,
        stride=2,
        pad=1,
        count_pad=False,
    ),
    case(
        "avg_pool asymmetric",
        lambda x: F.avg_pool2d(F.pad(x, [0, 2, 1, 0]), (3, 4), (2, 1)),
        kernel=(3, 4),
        stride=(2, 1),
        pad=(1, 0, 0, 2),
    ),
    case(
        "avg_pool asymmetric inside",
        lambda x: average_of_inside(x, [0, 2, 1, 0], (3, 4), (2, 1)),
        kernel=(3, 4),
        stride=(2, 1),
        pad=(1, 0, 0, 2),
        count_pad=False,
    ),
    case(
        "avg_pool tf_same",
        lambda x: average_of_inside(x, [0, 1, 1, 1], 3, (2, 3)),
        kernel=3,
        stride=(2, 3),
        pad="tf_same",
        count_pad=False,
    ),
    *(
        case(f"adaptive_avg_pool {size}", lambda x, s=size: F.adaptive_avg_pool2d(x, s), size=size)
        for size in (1, 2, 3, 7, (9, 11), (3, 1), (3, 4), 13)
    ),
    case("adaptive_avg_pool even", lambda x: F.avg_pool2d(x, 3), (4, 6, 9), size=(2, 3)),
    case("global_avg_pool", lambda x: x.mean((2, 3))),
    case("global_avg_pool keep", lambda x: x.mean((2, 3), keepdim=True), keep=True),
    case("global_max_pool", lambda x: x.amax((2, 3))),
    case("global_max_pool keep", lambda x: x.amax((2, 3), keepdim=True), keep=True),
    case("add one", lambda x: x),
    case("add two", lambda x, y: x + y, IMAGE, IMAGE),
    case("add three", lambda x, y, z: x + y + z, (5,), (5,), (5,)),
    case("sub", lambda x, y: x - y, IMAGE, IMAGE),
    case("mul one", lambda x: x),
    case("mul two", lambda x, y: x * y, IMAGE, IMAGE),
    case("mul gate", lambda x, y: x * y, IMAGE, (4, 1, 1)),
    case("mul vector", lambda x, y: x * y[:, :, None, None], IMAGE, (4,)),
    case("mul vector first", lambda x, y: x[:, :, None, None] * y, (4,), IMAGE),
    case("mul vectors", lambda x, y: x * y, (4,), (4,)),
    case(
        "mul four",
        lambda a, b, c, d: a * b[:, :, None, None] * c[:, :, None, None] * d,
        (4, 1, 11),
        (4,),
        (4,),
        (4, 9, 1),
    ),
    case("concat two", lambda x, y: torch.cat([x, y], 1), IMAGE, (2, 9, 11)),
    case("concat one", lambda x: x),
    case("concat vectors", lambda x, y, z: torch.cat([x, y, z], 1), (3,), (4,), (5,)),
]


def ceil_cases() -> list[Case]:
    """Where the last window hangs over the edge, or would start beyond it and is dropped."""
    cases = []
    for size, kernel, stride, pad in [
        ((9, 12), 3, 2, 0),
        ((10, 12), 3, 2, 1),
        ((10, 13), 2, 3, 1),  # the last window of the columns starts in the padding
        ((7, 8), 3, 3, 1),
        ((6, 6), 1, 4, 0),
        ((11, 5), 5, 4, 2),
    ]:
        window = (kernel, stride, pad, True)
        options = {"kernel": kernel, "stride": stride, "pad": pad, "ceil": True}
        text = f"ceil {size} {kernel} {stride} {pad}"

        def largest(x: Any, w: Any = window) -> Any:
            return F.max_pool2d(x, w[0], w[1], w[2], 1, True)

        def mean(x: Any, w: Any = window) -> Any:
            return F.avg_pool2d(x, *w)

        def mean_inside(x: Any, w: Any = window) -> Any:
            return F.avg_pool2d(x, *w, False)

        shape = (2, *size)
        cases.append(case(f"max_pool {text}", largest, shape, **options))
        cases.append(case(f"avg_pool {text}", mean, shape, **options))
        cases.append(
            case(f"avg_pool inside {text}", mean_inside, shape, count_pad=False, **options)
        )
    return cases


CASES += ceil_cases()


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


def distance(ours: Any, reference: Any) -> float:
    reference = reference.numpy()
    assert ours.shape == reference.shape
    return float(np.abs(ours - reference).max() / np.abs(reference).max())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_operation_computes_what_pytorch_computes(case: Case, tmp_path: Path) -> None:
    graph = network(case.op, *case.shapes)
    inputs, weights = arrays_for(graph)
    tensors = {name.removeprefix("layer."): torch.tensor(w) for name, w in weights.items()}
    reference = case.expected(*(torch.tensor(x) for x in inputs.values()), **tensors)

    exact = exported(graph, tmp_path / "exact.onnx", weights=weights, dtype="float64")
    (y,) = ReferenceEvaluator(exact).run(None, inputs)
    assert y.dtype == np.float64
    assert distance(y, reference) <= 1e-12

    layers = exported(graph, tmp_path / "layers.onnx", weights=weights)
    session = ort.InferenceSession(layers.SerializeToString())
    (y,) = session.run(None, {name: x.astype(np.float32) for name, x in inputs.items()})
    assert y.dtype == np.float32
    assert distance(y, reference) <= 5e-6

    for model in (exact, layers):
        assert shapes_inferred(model)["output"] == ["N", *graph.output_types[0].shape]


def test_every_operation_has_a_rule_and_a_case() -> None:
    from resdsl.backends.onnx.export import rules

    assert rules.missing() == []
    assert {case.op.name for case in CASES} == set(OPS)


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


# ---- the training form ---------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("variance", ["unbiased", "population"])
@pytest.mark.parametrize("shape", [IMAGE, (6,)], ids=["image", "vector"])
@pytest.mark.parametrize("affine", [True, False])
def test_batch_norm_returns_its_new_statistics(
    affine: bool, shape: tuple[int, ...], variance: str, dtype: str, tmp_path: Path
) -> None:
    op = OPS["batch_norm"](eps=EPS, momentum=0.3, affine=affine, variance=variance)
    graph = network(op, shape)
    inputs, weights = arrays_for(graph)
    path = tmp_path / "net.onnx"
    model = exported(graph, path, weights=weights, dtype=dtype, training=True, batch=BATCH)

    x = torch.tensor(inputs["input"])
    state = {name.removeprefix("layer."): torch.tensor(w) for name, w in weights.items()}
    count = x[:, 0].numel()
    old_variance = state["running_var"].clone()
    y = F.batch_norm(x, **state, training=True, momentum=0.3, eps=EPS)  # changes the state
    if variance == "population":
        new = (state["running_var"] - 0.7 * old_variance) * (count - 1) / count
        state["running_var"] = 0.7 * old_variance + new

    feed = {"input": inputs["input"].astype(dtype)}
    if dtype == "float64":
        outputs = ReferenceEvaluator(model).run(None, feed)
    else:
        outputs = ort.InferenceSession(path).run(None, feed)
    names = [value.name for value in model.graph.output]
    assert names == ["output", "layer.running_mean/new", "layer.running_var/new"]
    assert shapes_inferred(model)["output"] == [BATCH, *shape]
    for ours, reference in zip(
        outputs, (y, state["running_mean"], state["running_var"]), strict=True
    ):
        assert ours.dtype == dtype
        assert distance(ours, reference) <= (1e-14 if dtype == "float64" else 2e-6)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_dropout_mask_is_an_input(dtype: str, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    graph = network(OPS["dropout"](rate=0.3), IMAGE)
    model = exported(graph, path, weights={}, dtype=dtype, training=True, batch=BATCH)
    x = np.random.default_rng(0).standard_normal((BATCH, *IMAGE)).astype(dtype)
    mask = (np.random.default_rng(1).random(x.shape) >= 0.3).astype(dtype)
    assert [value.name for value in model.graph.input] == ["input", "layer.mask"]
    feed = {"input": x, "layer.mask": mask}
    run = ReferenceEvaluator(model) if dtype == "float64" else ort.InferenceSession(path)
    (y,) = run.run(None, feed)
    assert np.allclose(y, x * mask / (1 - 0.3), rtol=1e-15 if dtype == "float64" else 1e-6)


def test_an_unbiased_variance_of_one_value_is_an_error(tmp_path: Path) -> None:
    graph = network(OPS["batch_norm"](), (6,))
    with pytest.raises(CompileError) as caught:
        get_backend("onnx").export(graph, tmp_path / "net.onnx", training=True, batch=1)
    assert caught.value.diagnostics[0].code == "R0507"
