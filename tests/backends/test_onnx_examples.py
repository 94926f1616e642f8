"""Every network of `examples/` as an ONNX graph: checked in full, with the elaborated shapes."""

from functools import cache
from pathlib import Path
from typing import Any

import onnx
import pytest

from resdsl.codegen.backend import get_backend
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate import elaborate
from resdsl.passes.load import complete_models, load_program

EXAMPLES = sorted((Path(__file__).parent.parent.parent / "examples").glob("*.res"))


@cache
def program(path: Path) -> Any:
    return load_program(str(path))


NETWORKS = [
    pytest.param(path, name, id=f"{path.stem}-{name}")
    for path in EXAMPLES
    for name in complete_models(program(path))
]


def checked_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """The shapes that ONNX infers, without the batch, by the name of the value."""
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.shape_inference.infer_shapes(onnx.load(path), check_type=True, strict_mode=True)
    return {
        value.name: tuple(d.dim_value for d in value.type.tensor_type.shape.dim[1:])
        for value in [*model.graph.value_info, *model.graph.output]
    }


def elaborated_shapes(graph: Graph) -> dict[str, tuple[int, ...]]:
    names = {node.output: node.path for node in graph.nodes} | {graph.outputs[0]: "output"}
    return {name: graph.types[value].shape for value, name in names.items()}


@pytest.mark.parametrize(("path", "name"), NETWORKS)
def test_shapes_are_the_elaborated_ones(path: Path, name: str, tmp_path: Path) -> None:
    graph = elaborate(program(path), name)
    get_backend("onnx").export(graph, tmp_path / "net.onnx")
    inferred = checked_shapes(tmp_path / "net.onnx")
    assert elaborated_shapes(graph).items() <= inferred.items()


@pytest.mark.parametrize(("path", "name"), NETWORKS[:: max(1, len(NETWORKS) // 5)])
def test_so_are_those_of_the_elementary_training_form(
    path: Path, name: str, tmp_path: Path
) -> None:
    graph = elaborate(program(path), name)
    get_backend("onnx").export(
        graph, tmp_path / "net.onnx", dtype="float64", training=True, batch=2
    )
    inferred = checked_shapes(tmp_path / "net.onnx")
    assert elaborated_shapes(graph).items() <= inferred.items()
    statistics = [w.name for w in graph.weights if not w.weight.trainable]
    assert {f"{name}/new" for name in statistics} <= inferred.keys()
