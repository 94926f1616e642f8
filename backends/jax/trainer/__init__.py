"""Training scripts for JAX: `train_<model>_jax.py`."""

from __future__ import annotations

from resdsl.codegen.trainer import Parts, check_trainable, model_class, write_script
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe

from ..target import JaxTarget
from .facts import Facts
from .methods import constants, trainer_sections
from .processes import PROCESSES, process_functions

#: Classes that a script has beside the model and what all scripts have.
_TAKEN = frozenset(
    ("Array", "Callable", "Mesh", "NamedSharding", "NamedTuple", "P", "State", "Tree")
)

_OPTIONS = [
    'parser.add_argument("--device", help="cpu or cuda; else the best that there is")',
]
_MESH_OPTIONS = [
    'parser.add_argument("--devices", type=int, default=1, help="how many share a batch; else 1")',
]


def write_trainer(graph: Graph, recipe: Recipe, distributed: bool = False) -> str:
    """The script for a network and a recipe, for one process or for several.

    Raises `CompileError` where they do not fit.
    """
    check_trainable(graph, recipe)
    model = model_class(graph, JaxTarget.dialect, "jax", _TAKEN)
    facts = Facts(graph, recipe)
    sections, imports = trainer_sections(facts)
    build = [
        "if options.device is not None:",
        '    jax.config.update("jax_platforms", options.device)',
        'mesh = Mesh(jax.devices()[: options.devices], "data")',
    ]
    if distributed:
        sections = [*process_functions(), *sections]
        imports |= {"import os"}
        build = ['mesh = Mesh(jax.devices(), "data")']
    return write_script(
        graph,
        recipe,
        Parts(
            title="JAX (Flax NNX)",
            model=model,
            imports=imports,
            trainer=sections,
            constants=constants(facts),
            options=[*_OPTIONS, *([] if distributed else _MESH_OPTIONS)],
            build=[*build, f"trainer = Trainer({model.local}(rngs=nnx.Rngs(SEED)), mesh)"],
            processes=PROCESSES if distributed else None,
        ),
    )
