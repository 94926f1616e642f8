"""A backend for the tests of the harness: softmax regression in NumPy, which starts in no time.

Found by its entry point where this folder is on the path, as third-party backends are. It takes
networks of the form `flatten; fc: linear(classes)`, and recipes with SGD at a constant rate.
"""

import os
import platform
from pathlib import Path
from types import ModuleType
from typing import Any

from resdsl.codegen.backend import Backend
from resdsl.codegen.lower.dialect import pascal
from resdsl.codegen.runtime import Policy
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe, Sgd

TEMPLATES = Path(__file__).parent / "templates"


def emit(graph: Graph) -> str:
    shape = graph.weights[0].weight.shape
    text = (TEMPLATES / "model.py").read_text(encoding="utf-8")
    return text.replace("Model", pascal(graph.name)).replace("(10, 64)", str(shape))


def emit_trainer(graph: Graph, recipe: Recipe) -> str:
    optimizer = recipe.optimizer
    assert isinstance(optimizer, Sgd)
    values = {
        "LR": optimizer.lr,
        "MOMENTUM": optimizer.momentum,
        "DECAY": optimizer.weight_decay,
        "LENGTH": recipe.schedule.length,
        "EPOCHS": recipe.schedule.unit == "epochs",
        "DTYPE": recipe.precision,
    }
    text = (TEMPLATES / "trainer.py").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"{name} = ...", f"{name} = {value!r}")
    return text.replace(
        "model_numpy import Model", f"{graph.name}_numpy import {pascal(graph.name)}"
    )


class Runtime:
    """What stands for a framework."""

    def apply(self, policy: Policy) -> dict[str, Any]:
        if os.environ.get("RESDSL_NUMPY_FAILS"):
            raise RuntimeError("a framework that does not start")
        return {"device": policy.device, "versions": {"numpy": platform.python_version()}}


def build(module: ModuleType, model_class: Any, weights: Path | None) -> Any:
    return model_class()


BACKEND = Backend(
    name="numpy",
    title="NumPy",
    file_suffix="_numpy.py",
    extra="weights",
    requires=("numpy",),
    emit=emit,
    emit_trainer=emit_trainer,
    runtime="resdsl_numpy:Runtime",
    builder="resdsl_numpy:build",
)
