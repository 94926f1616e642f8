"""Training scripts for Keras 3 on TensorFlow: `train_<model>_tensorflow.py`."""

from __future__ import annotations

from resdsl.codegen.trainer import Parts, check_trainable, model_class, write_script
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe

from ..target import KerasTarget
from .processes import IMPORTS, PROCESSES
from .trainer_class import constants, drops, synchronizes, trainer_sections

_DEVICE = 'device = "gpu" if tf.config.list_physical_devices("GPU") else "cpu"'
_OPTIONS = [
    _DEVICE,
    'parser.add_argument("--device", default=device, help="cpu, gpu, gpu:1; else %(default)s")',
    'parser.add_argument("--compile", action="store_true", help="compile with XLA")',
]
_DISTRIBUTED_OPTIONS = [
    _DEVICE,
    'parser.add_argument("--device", default=device, help="cpu or gpu; else %(default)s")',
]


def write_trainer(graph: Graph, recipe: Recipe, distributed: bool = False) -> str:
    """The script for a network and a recipe, for one device or for several.

    Raises `CompileError` where they do not fit.
    """
    check_trainable(graph, recipe)
    model = model_class(graph, KerasTarget.dialect, "tensorflow")
    walks = drops(graph) or (distributed and synchronizes(graph, recipe))
    functions = "named_layers, named_weights" if walks else "named_weights"
    imports = {"import keras", "import tensorflow as tf", f"from {model.file} import {functions}"}
    build = [f"trainer = Trainer({model.local}(), options.device, options.compile)"]
    if distributed:
        imports |= set(IMPORTS)
        build = [
            "with strategy.scope():",
            f"    trainer = Trainer({model.local}(), strategy)",
        ]
    return write_script(
        graph,
        recipe,
        Parts(
            title="TensorFlow (Keras 3)",
            model=model,
            imports=frozenset(imports),
            trainer=trainer_sections(graph, recipe, distributed),
            constants=constants(graph, recipe),
            options=_DISTRIBUTED_OPTIONS if distributed else _OPTIONS,
            build=["keras.utils.set_random_seed(SEED)", *build],
            processes=PROCESSES if distributed else None,
        ),
    )
