"""Training scripts for PyTorch: `train_<model>_torch.py`."""

from __future__ import annotations

from resdsl.codegen.lower import lower
from resdsl.codegen.python.layers import renamed_attributes
from resdsl.codegen.trainer import Parts, check_trainable, model_class, write_script
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe

from ..target import TorchTarget
from .facts import Facts
from .methods import trainer_class
from .processes import PROCESSES

_OPTIONS = [
    'device = "cuda" if torch.cuda.is_available() else "cpu"',
    'parser.add_argument("--device", default=device, help="cpu, cuda, cuda:1; else %(default)s")',
    'parser.add_argument("--compile", action="store_true", help="run through torch.compile")',
]


def write_trainer(graph: Graph, recipe: Recipe, distributed: bool = False) -> str:
    """The script for a network and a recipe, for one process or as many as `torchrun` starts.

    Raises `CompileError` where they do not fit.
    """
    check_trainable(graph, recipe)
    model = model_class(graph, TorchTarget.dialect, "torch")
    renamed = renamed_attributes(lower(graph, TorchTarget.dialect))
    facts = Facts(graph, recipe, renamed, distributed)
    device = "device" if distributed else "options.device"
    sections, imports = trainer_class(facts)
    return write_script(
        graph,
        recipe,
        Parts(
            title="PyTorch",
            model=model,
            imports=imports,
            trainer=sections,
            options=_OPTIONS,
            build=[
                "torch.manual_seed(SEED)",
                f"trainer = Trainer({model.local}(), {device}, options.compile)",
            ],
            processes=PROCESSES if distributed else None,
        ),
    )
