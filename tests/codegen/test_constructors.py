"""The two readings of a definition agree: what generated constructors make, run against stand-ins
for the frameworks, is exactly what the elaborator names, for other arguments too."""

from __future__ import annotations

from typing import Any

import pytest
from compiled import example, graph_of
from constructed import check_constructor
from stubs import MODULES

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


@pytest.mark.parametrize("backend", MODULES)
@pytest.mark.parametrize("change", ["as in the file", "changed"])
@pytest.mark.parametrize(("file", "model", "arguments"), CASES)
def test_constructors_make_what_was_elaborated(
    file: str, model: str, arguments: dict[str, Any], change: str, backend: str
) -> None:
    program = example(file)
    given = arguments if change == "changed" else {}
    wanted = graph_of(program, model, **given)
    check_constructor(graph_of(program, model), wanted, backend, **given)
