"""The class `Trainer` for one network and one recipe, and what stands before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from resdsl.codegen.python.layout import Group, layout
from resdsl.codegen.python.module import docstring
from resdsl.codegen.trainer import classes, statistics, undecayed, unreached
from resdsl.codegen.trainer.text import number, split
from resdsl.ir.graph import Graph
from resdsl.ops.stochastic import Dropout, DropPath
from resdsl.recipes.recipe import Recipe, Sgd

from .processes import process_functions
from .text import TRAINER, ZEROS

#: Why the optimizer is not one of Keras's.
_WHY = {
    "sgd": "The update is written out: Keras's SGD has the rate inside its velocity, decays "
    "weights\napart from it, and rounds its momentum to float32.",
    "adamw": "The update is written out, for Keras's AdamW rounds its constants to float32.",
}


def trainer_sections(graph: Graph, recipe: Recipe, distributed: bool) -> list[list[str]]:
    """Settings, helpers, and the class, each a list of lines."""
    test = _decay_test(graph, recipe)
    flags = {*_flags(graph, recipe), *(["rule"] if test else [])}
    sections = [_settings(recipe)]
    if distributed:
        flags.add("distributed")
        if statistics(graph):
            flags.add("global" if synchronizes(graph, recipe) else "local")
        sections += process_functions(graph, synchronizes(graph, recipe))
    if flags & {"momentum", "adamw", "accumulate"}:
        sections.append(split(ZEROS))
    sections.append(printed(TRAINER, flags, _words(graph, recipe, flags, test)))
    return sections


def synchronizes(graph: Graph, recipe: Recipe) -> bool:
    """Whether batch norms of a script for several devices are over the batches of all."""
    return bool(statistics(graph)) and recipe.batch_norm == "synchronized"


def drops(graph: Graph) -> bool:
    """Whether a layer drops something in training; one with the rate 0 draws nothing."""
    ops = (node.op for node in graph.nodes)
    return any(isinstance(op, Dropout | DropPath) and op.rate > 0 for op in ops)


def printed(text: str, flags: Set[str], words: Mapping[str, str]) -> list[str]:
    """The lines of a text that these flags print, with its words filled in.

    A line `% a !b|c` says when those after it are printed: with the flag `a`, and with `c` or
    without `b`. A bare `%` means always. Words stand in the text as `<word>`.
    """
    lines: list[str] = []
    wanted = True
    for line in split(text):
        if line.startswith("%"):
            wanted = all(_holds(condition, flags) for condition in line[1:].split())
        elif wanted:
            lines.append(line)
    filled = "\n".join(lines)
    for word, value in words.items():
        filled = filled.replace(f"<{word}>", value)
    return filled.split("\n")


def _holds(condition: str, flags: Set[str]) -> bool:
    """Whether one of the alternatives between bars is true."""
    return any((flag.lstrip("!") in flags) != flag.startswith("!") for flag in condition.split("|"))


def _flags(graph: Graph, recipe: Recipe) -> Iterator[str]:
    """What the printed lines depend on."""
    optimizer = recipe.optimizer
    if not isinstance(optimizer, Sgd):
        yield from ("adamw", "first_moment", "second_moment")
    else:
        yield "sgd"
        if optimizer.momentum:
            yield "momentum"
            if optimizer.nesterov:
                yield "nesterov"
    trained = sum(w.weight.trainable for w in graph.weights)
    if optimizer.weight_decay and len(undecayed(graph, recipe)) < trained:
        yield "decay"
    if recipe.loss.label_smoothing:
        yield "smooth"
    for name in ("mix", "clip", "average"):
        if getattr(recipe, name) is not None:
            yield name
    if recipe.accumulate > 1:
        yield "accumulate"
    if drops(graph):
        yield "stochastic"
    if unreached(graph):
        yield "unreached"
    yield recipe.precision


def _decay_test(graph: Graph, recipe: Recipe) -> str:
    """How to tell which parameters decay, empty where all of them do or none.

    A rule is taken only if it is right for every parameter of the network.
    """
    spared = undecayed(graph, recipe)
    shapes = {w.name: w.weight.shape for w in graph.weights if w.weight.trainable}
    if not spared or len(spared) == len(shapes):
        return ""
    if spared == {name for name, shape in shapes.items() if len(shape) == 1}:
        return "len(parameter.shape) > 1"
    if spared == {name for name in shapes if name.endswith(".bias")}:
        return 'not name.endswith(".bias")'
    return "name not in UNDECAYED"


def _settings(recipe: Recipe) -> list[str]:
    """What is set for the whole process: how numbers are computed."""
    tf32 = "tf.config.experimental.enable_tensor_float_32_execution"
    match recipe.precision:
        case "float32":
            return [f"{tf32}(False)  # TensorFlow's own choice is True"]
        case "tf32":
            return [f"{tf32}(True)"]
        case "bfloat16":
            return ['keras.config.set_dtype_policy("mixed_bfloat16")  # before layers are made']
        case _:
            return [
                'keras.config.set_floatx("float64")',
                'keras.config.set_dtype_policy("float64")  # before layers are made',
            ]


def constants(graph: Graph, recipe: Recipe) -> list[str]:
    """The recipe's numbers, and the names of what does not decay where no rule gives them."""
    optimizer, flags = recipe.optimizer, set(_flags(graph, recipe))
    values: dict[str, float] = {}
    if isinstance(optimizer, Sgd):
        values["MOMENTUM"] = optimizer.momentum
    else:
        values |= {"BETA1": optimizer.beta1, "BETA2": optimizer.beta2, "EPSILON": optimizer.eps}
    if "decay" in flags:
        values["WEIGHT_DECAY"] = optimizer.weight_decay
    values["LABEL_SMOOTHING"] = recipe.loss.label_smoothing
    values["ACCUMULATE"] = recipe.accumulate if recipe.accumulate > 1 else 0
    values["MAX_NORM"] = recipe.clip.norm if recipe.clip else 0
    values["AVERAGE_DECAY"] = recipe.average.decay if recipe.average else 0
    lines = [f"{name} = {number(value)}" for name, value in values.items() if value]
    if "UNDECAYED" in _decay_test(graph, recipe):
        names = tuple(f'"{name}"' for name in sorted(undecayed(graph, recipe)))
        lines += layout(Group("UNDECAYED = {", names, "}"), 0)
    return lines


def _words(graph: Graph, recipe: Recipe, flags: Set[str], test: str) -> dict[str, str]:
    """What the text leaves open."""
    image = graph.input_types[0]
    shape = " x ".join(map(str, (*image.spatial, image.channels)))
    labels = f"N x {classes(graph)}, probabilities" if recipe.mix else "N"
    given = "labels" if recipe.mix and "float64" not in flags else "targets"
    groups = [g for g in ("momentum", "first_moment", "second_moment", "average") if g in flags]
    listed = tuple(f'"{group}": self.{group}' for group in ("weights", *groups))
    logits = "tf.cast({}, tf.float32)" if "bfloat16" in flags else "{}"
    doc = f"`{graph.name}`, its optimizer, and one step of training."
    return {
        "doc": "\n".join(docstring(f"{doc}\n\n{_WHY['sgd' if 'sgd' in flags else 'adamw']}", 1)),
        "batch": f"Images are N x {shape}, labels {labels}.",
        "batch parts": "*self._placed(images, labels)"
        if "distributed" in flags
        else "images, labels",
        "groups": "\n".join(layout(Group("groups = {", listed, "}"), 2)),
        "classes": str(classes(graph)),
        "dtype": "float64" if "float64" in flags else "float32",
        "decays": test,
        "logits in training": logits.format("self.model(images, training=True)"),
        "logits": logits.format("self.model(images, training=False)"),
        "targets": "targets" if "smooth" in flags else given,
        "unsmoothed": given,
        "answers": "tf.argmax(labels, axis=1)" if recipe.mix else "labels",
        "rates": "rates" if "adamw" in flags else "rate",
        "move": "(gradient + MOMENTUM buffer)" if "nesterov" in flags else "buffer",
    }
