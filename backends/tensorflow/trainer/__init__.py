"""Training scripts for Keras 3 on TensorFlow: `train_<model>_tensorflow.py`."""

from __future__ import annotations

from resdsl.codegen.trainer import Parts, check_trainable, model_class, write_script
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe

from ..target import KerasTarget
from .trainer_class import constants, drops, trainer_sections

_OPTIONS = [
    'device = "gpu" if tf.config.list_physical_devices("GPU") else "cpu"',
    'parser.add_argument("--device", default=device, help="cpu, gpu, gpu:1; else %(default)s")',
    'parser.add_argument("--compile", action="store_true", help="compile with XLA")',
]


def write_trainer(graph: Graph, recipe: Recipe) -> str:
    """The script for a network and a recipe. Raises `CompileError` where they do not fit."""
    check_trainable(graph, recipe)
    model = model_class(graph, KerasTarget.dialect, "tensorflow")
    functions = "named_layers, named_weights" if drops(graph) else "named_weights"
    return write_script(
        graph,
        recipe,
        Parts(
            title="TensorFlow (Keras 3)",
            model=model,
            imports=frozenset(
                {"import keras", "import tensorflow as tf", f"from {model.file} import {functions}"}
            ),
            trainer=trainer_sections(graph, recipe),
            constants=constants(graph, recipe),
            options=_OPTIONS,
            build=[
                "keras.utils.set_random_seed(SEED)",
                f"trainer = Trainer({model.local}(), options.device, options.compile)",
            ],
        ),
    )
