"""Backends for the tests of the harness: softmax regression in NumPy, which starts in no time.

Found by their entry points where this folder is on the path, as third-party backends are. They
take networks of the form `flatten; fc: linear(classes)`, and recipes with SGD at a constant rate.
`numpy` and `again` are two names of the same.
"""

import os
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from resdsl.codegen.backend import Backend
from resdsl.codegen.lower.dialect import pascal
from resdsl.codegen.runtime import Policy, Unavailable
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe, Sgd

TEMPLATES = Path(__file__).parent / "templates"


def emit(graph: Graph) -> str:
    shape = graph.weights[0].weight.shape
    text = (TEMPLATES / "model.py").read_text(encoding="utf-8")
    return text.replace("Model", pascal(graph.name)).replace("(10, 64)", str(shape))


def emit_trainer(name: str, graph: Graph, recipe: Recipe) -> str:
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
    for constant, value in values.items():
        text = text.replace(f"{constant} = ...", f"{constant} = {value!r}")
    text = text.replace("model_numpy", f"{graph.name}_{name}")
    return text.replace("Model", pascal(graph.name))


class Runtime:
    """What stands for a framework."""

    def apply(self, policy: Policy) -> dict[str, Any]:
        if policy.device == "cuda":
            raise Unavailable("NumPy finds no GPU here", "use `--device cpu`")
        return {"device": policy.device, "threads": policy.threads}


class Again(Runtime):
    """The same, and it may fail."""

    def apply(self, policy: Policy) -> dict[str, Any]:
        if os.environ.get("RESDSL_AGAIN_FAILS"):
            raise RuntimeError("a framework that does not start")
        return super().apply(policy)


def build(module: ModuleType, model_class: Any, weights: Path | None) -> Any:
    return model_class()


def backend(name: str, runtime: str) -> Backend:
    return Backend(
        name=name,
        title=name,
        file_suffix=f"_{name}.py",
        extra="weights",
        requires=("numpy",),
        emit=emit,
        emit_trainer=partial(emit_trainer, name),
        runtime=f"resdsl_numpy:{runtime}",
        builder="resdsl_numpy:build",
    )


NUMPY = backend("numpy", "Runtime")
AGAIN = backend("again", "Again")
