"""What a trainer must know of its network: whether it can be trained, which weights are what."""

from __future__ import annotations

from resdsl.codegen.lower import lower
from resdsl.codegen.lower.dialect import Dialect
from resdsl.diagnostics import error
from resdsl.ir.graph import Graph, NamedWeight
from resdsl.ops.norm import BatchNorm, GroupNorm, LayerNorm
from resdsl.ops.scalars import Offset
from resdsl.recipes.recipe import CutMix, Digits, Recipe, Synthetic
from resdsl.records import dataclass

#: Classes and types that scripts have beside the model; frameworks' own are in their dialects.
_TAKEN = frozenset({"Any", "Batch", "Iterator", "Mapping", "Path", "Trainer"})
_NORMS = (BatchNorm, GroupNorm, LayerNorm)


def check_trainable(graph: Graph, recipe: Recipe) -> None:
    """Raise `CompileError` unless the network classifies: one input, one output of N x classes."""
    help = "a recipe trains networks with one input and one output of N x classes"
    for what, types in (("inputs", graph.input_types), ("outputs", graph.output_types)):
        if len(types) != 1:
            raise error(
                "R0509",
                f"`{graph.name}` has {len(types)} {what}, and training needs one",
                help=help,
            )
    output = graph.output_types[0]
    if len(output.shape) != 1:
        raise error(
            "R0509", f"the output of `{graph.name}` is {output}, not one number a class", help=help
        )
    _check_input(graph, recipe)


def _check_input(graph: Graph, recipe: Recipe) -> None:
    """Whether data and transforms go into the network."""
    (input_,) = graph.input_types
    if input_.rank != 2 and (recipe.augment or recipe.evaluate or isinstance(recipe.mix, CutMix)):
        raise error(
            "R0509",
            f"`{recipe.name}` transforms images, and the input of `{graph.name}` is {input_}",
            help="a recipe without `augment`, `evaluate` and `cutmix`",
        )
    if not isinstance(recipe.data, Digits | Synthetic):
        return
    if not graph.is_sized:
        raise error(
            "R0509",
            f"data is made as large as the input of `{graph.name}`, which has no size",
            help="give one: `--input 3x32x32`",
        )
    if isinstance(recipe.data, Digits) and input_.rank != 2 and input_.shape[-1] != 64:
        raise error(
            "R0509",
            f"digits are images, sequences of 64 or rows of 64, and the input of `{graph.name}` "
            f"is {input_}",
            help="another data set, or an input of 1 x 8 x 8",
        )


@dataclass(frozen=True, slots=True)
class ModelClass:
    """The class of the model: the file it is in, its name there, and what the script calls it."""

    file: str
    name: str
    local: str


def model_class(
    graph: Graph, dialect: Dialect, backend: str, taken: frozenset[str] = frozenset()
) -> ModelClass:
    """The class of the model in the file that a backend writes; `taken` are names of classes that
    the backend's script has beside it."""
    name = lower(graph, dialect).model.name
    local = f"{name}Model" if name in _TAKEN | taken else name
    return ModelClass(f"{graph.name}_{backend}", name, local)


def classes(graph: Graph) -> int:
    """The number of classes that the network tells apart."""
    return int(graph.output_types[0].channels)


def statistics(graph: Graph) -> tuple[str, ...]:
    """The running statistics by name, in the network's order."""
    return tuple(w.name for w in graph.weights if not w.weight.trainable)


def undecayed(graph: Graph, recipe: Recipe) -> frozenset[str]:
    """The parameters that weight decay leaves out, by name; of a recipe without decay, none.

    `bias` is whatever is added: biases, the shifts of norms, `offset`; `norm` is scale and shift
    of norms.
    """
    optimizer = recipe.optimizer
    if not optimizer.weight_decay:
        return frozenset()
    return frozenset(
        w.name for w in graph.weights if w.weight.trainable and _kinds(w) & set(optimizer.no_decay)
    )


def _kinds(named: NamedWeight) -> set[str]:
    op = named.node.op
    kinds = {"norm"} if isinstance(op, _NORMS) else set()
    return kinds | ({"bias"} if named.weight.name == "bias" or isinstance(op, Offset) else set())


def unreached(graph: Graph) -> frozenset[str]:
    """Parameters by name that no output depends on."""
    needed = set(graph.outputs)
    owners = set()
    for node in reversed(graph.nodes):
        if needed.intersection(node.outputs):
            needed.update(node.inputs)
            owners.add(node.owner)
    return frozenset(
        w.name for w in graph.weights if w.weight.trainable and w.node.owner not in owners
    )


def draws_masks(graph: Graph) -> bool:
    """Whether training draws random numbers inside the network."""
    return any(node.op.stochastic for node in graph.nodes)
