"""Training scripts: what the printed trainers of all frameworks have in common, as text.

A backend's `emit_trainer(graph, recipe)` writes its own class `Trainer` and leaves the rest of
`train_<model>_<backend>.py` to `write_script`: the header, the imports, the constants `SEED`,
`BATCH` and `LEARNING_RATE`, the functions `total_steps(steps_per_epoch)` and
`learning_rate(step, steps_per_epoch)`, the data (`load_data`, `training_batches`, `test_batches`
and the transforms that the recipe has), and `main`. It looks like this:

    def emit_trainer(graph: Graph, recipe: Recipe) -> str:
        check_trainable(graph, recipe)
        model = model_class(graph, TorchTarget.dialect, "torch")
        return write_script(graph, recipe, Parts(
            title="PyTorch",
            model=model,
            imports=frozenset({"import torch", "from torch import Tensor, nn", ...}),
            trainer=[["def helper() -> None:", ...], ["class Trainer:", ...]],
            options=['parser.add_argument("--device", default="cpu")'],
            build=[f"trainer = Trainer({model.local}(), options.device)"],
        ))

Everything is a list of lines without indentation of its own; `Parts.trainer` has one list for each
function and class, `Parts.constants` go behind `LEARNING_RATE`. Imports may be in any order, one
name each or several: they are merged, sorted and grouped as ruff does it. `text` has what writes
numbers and breaks long statements. The lines of `build` stand in `main`, where `options` holds the
parsed arguments, and leave the trainer in `trainer`. `main` calls

    trainer.step, trainer.load_state(state), trainer.state()
    trainer.train_step(images, labels, rate)    -> loss, correct, scalars that `float` reads back
    trainer.evaluate(images, labels)            -> summed loss, correct; the last batch is shorter

with NumPy arrays: images are float32 with channels last, labels int64, or float32 N x classes where
the recipe mixes (`recipe.mix`; `evaluate` always gets int64). What else a printer wants to know:

    undecayed(graph, recipe)    canonical names of the parameters that weight decay leaves out
    decay_rule(graph, recipe)   the same as a rule; `undecayed_names` prints them where it is none
    unreached(graph)            canonical names of parameters that the output does not depend on:
                                their gradient counts as zero, and they decay all the same
    draws_masks(graph)          whether the network has dropout or drop_path
    statistics(graph)           canonical names of the running statistics
    classes(graph)              the number of outputs

A script for several processes has `Parts.processes` (see `Processes`) and gives the trainer its
process's share of every batch; what `train_step` and `evaluate` return is of all processes, and
each of them can be asked for the whole `state()`.

State: `weights/<canonical>` (parameters and running statistics), `momentum/<canonical>` (SGD, but
only if the recipe has momentum), `first_moment/…` and `second_moment/…` (AdamW), `average/…` (as
`weights/…`, if the recipe has an average), and `step`, an int64 without dimensions.
"""

from resdsl.codegen.trainer.decay import DecayRule, decay_rule, undecayed_names
from resdsl.codegen.trainer.facts import (
    ModelClass,
    check_trainable,
    classes,
    draws_masks,
    model_class,
    statistics,
    undecayed,
    unreached,
)
from resdsl.codegen.trainer.processes import Processes, shared_variance
from resdsl.codegen.trainer.script import Parts, write_script

__all__ = [
    "DecayRule",
    "ModelClass",
    "Parts",
    "Processes",
    "check_trainable",
    "classes",
    "decay_rule",
    "draws_masks",
    "model_class",
    "shared_variance",
    "statistics",
    "undecayed",
    "undecayed_names",
    "unreached",
    "write_script",
]
