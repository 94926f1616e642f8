"""The two readings of a definition agree: what generated constructors make, run against stand-ins
for the frameworks, is exactly what the elaborator names, for other arguments too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import numpy  # noqa: F401  (generated files import it, and it cannot be imported twice)
import pytest
import safetensors.numpy  # noqa: F401

from resdsl.ir.graph import Graph
from tests.support.compiled import definitions, example, graph_of, source_of
from tests.support.stubs import MODULES, Shape, named_shapes

#: A model, and arguments that change it.
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("resnet.res", "resnet18", {"classes": 7}),
    ("resnet.res", "resnet50", {"depths": (1, 2, 1, 3)}),
    ("resnet.res", "resnet50_v1", {}),
    ("resnet.res", "resnet152", {}),
    ("resnet.res", "resnet34_a", {"depths": (2, 1, 1, 1), "classes": 3}),
    ("resnet.res", "resnet34_c", {}),
    ("plain.res", "plain34", {"classes": 2}),
    ("resnet_cifar.res", "resnet20", {"depth": 32}),
    ("resnet_cifar.res", "resnet1202", {"depth": 8, "classes": 100}),
    ("resnet_cifar.res", "resnet18", {}),
    ("vgg.res", "vgg16", {"norm": True}),
    ("vgg.res", "vgg19_bn", {"norm": False, "depths": (1, 1, 1, 1, 1)}),
    ("alexnet.res", "alexnet", {"classes": 12}),
    ("alexnet.res", "alexnet_2012", {}),
]


def constructed(graph: Graph, backend: str, arguments: dict[str, Any]) -> dict[str, Shape]:
    """Names and shapes of the weights that the generated constructor makes."""
    with patch.dict(sys.modules, MODULES[backend]()):
        names = definitions(source_of(graph, backend))
        classes = [v for v in names.values() if isinstance(v, type) and v.__module__ == "generated"]
        model = next(c for c in reversed(classes) if (c.__doc__ or "").startswith("Maps "))
        extra = {"rngs": None} if backend == "jax" else {}
        return dict(named_shapes(model(**arguments, **extra)))


def elaborated(graph: Graph) -> Iterator[tuple[str, Shape]]:
    for weight in graph.weights:
        yield weight.name, weight.weight.shape


def fits(found: Shape, wanted: Shape) -> bool:
    """Whether a shape is the one wanted, as far as the constructor knows it."""
    return len(found) == len(wanted) and all(
        f in (None, w) for f, w in zip(found, wanted, strict=True)
    )


@pytest.mark.parametrize("backend", MODULES)
@pytest.mark.parametrize("change", ["as in the file", "changed"])
@pytest.mark.parametrize(("file", "model", "arguments"), CASES)
def test_constructors_make_what_was_elaborated(
    file: str, model: str, arguments: dict[str, Any], change: str, backend: str
) -> None:
    program = example(file)
    given = arguments if change == "changed" else {}
    generated = graph_of(program, model)
    wanted = dict(elaborated(graph_of(program, model, **given)))
    found = constructed(generated, backend, given)
    assert found.keys() == wanted.keys()
    assert [n for n in wanted if not fits(found[n], wanted[n])] == []
    if backend != "tensorflow":
        assert found == wanted
        assert list(found) == list(wanted), "the order of definition"
