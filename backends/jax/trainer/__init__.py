"""Training scripts for JAX: `train_<model>_jax.py`."""

from __future__ import annotations

from resdsl.codegen.trainer import Parts, check_trainable, model_class, write_script
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe

from ..target import JaxTarget
from .facts import Facts
from .methods import trainer_sections

#: Classes that a script has beside the model and what all scripts have.
_TAKEN = frozenset(
    ("Array", "Callable", "Mesh", "NamedSharding", "NamedTuple", "P", "State", "Tree")
)

_OPTIONS = [
    'parser.add_argument("--device", help="cpu or cuda; else the best that there is")',
    'parser.add_argument("--devices", type=int, default=1, help="how many share a batch; else 1")',
]


def write_trainer(graph: Graph, recipe: Recipe) -> str:
    """The script for a network and a recipe. Raises `CompileError` where they do not fit."""
    check_trainable(graph, recipe)
    model = model_class(graph, JaxTarget.dialect, "jax", _TAKEN)
    sections, imports = trainer_sections(Facts(graph, recipe))
    return write_script(
        graph,
        recipe,
        Parts(
            title="JAX (Flax NNX)",
            model=model,
            imports=imports,
            trainer=sections,
            options=_OPTIONS,
            build=[
                "if options.device is not None:",
                '    jax.config.update("jax_platforms", options.device)',
                'mesh = Mesh(jax.devices()[: options.devices], "data")',
                f"trainer = Trainer({model.local}(rngs=nnx.Rngs(SEED)), mesh)",
            ],
        ),
    )
