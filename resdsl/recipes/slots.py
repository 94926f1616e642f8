"""The slots of a recipe, each declared once: what fills it, with which parameters.

The resolver, messages, `resdsl explain`, the JSON of a recipe and the reference page all read
these declarations; what an option means is said by its class in `recipe`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.ops.attributes import choice, flag, list_of, number, whole
from resdsl.recipes import recipe as data
from resdsl.recipes.curves import CURVES
from resdsl.recipes.images import DATA, FIXED_TRANSFORMS, MIX, NORMALIZE, TRANSFORMS
from resdsl.recipes.options import (
    Arguments,
    Option,
    Parameter,
    Problem,
    of_class,
    of_number,
    of_value,
)
from resdsl.records import MISSING, dataclass, fields

_LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Slot:
    """One line of a recipe: its name, what may stand behind the colon, and what holds without it.

    `field` is the field of `Recipe`, which says `default`. A body holds any number of options.
    """

    name: str
    doc: str
    #: What messages call its options: "optimizer", "transform".
    noun: str
    #: A line that fills it.
    example: str
    options: dict[str, Option]
    default: Any
    field: str
    is_body: bool = False

    @property
    def is_required(self) -> bool:
        return self.default is MISSING

    def option_of(self, value: Any) -> tuple[Option, dict[str, Any]]:
        """The option that a value is of, and its arguments."""
        for option in self.options.values():
            arguments = option.arguments_of(value)
            if arguments is not None:
                return option, arguments
        raise ValueError(f"`{self.name}` is never {value!r}")


# ---- loss and optimizer --------------------------------------------------------------------------

_LOSS = of_class(
    "cross_entropy",
    data.CrossEntropy,
    {"label_smoothing": ("part of the target that all classes share", number(0, below=1))},
)
_RATE = ("learning rate, which the schedule changes", number(0))
_DECAY = {
    "weight_decay": ("weight decay", number(0)),
    "no_decay": ("kinds of weights that decay not", list_of(choice(*data.DECAY_EXCLUSIONS))),
}


def _about_sgd(given: Arguments) -> Iterator[Problem]:
    if given["nesterov"] and not given["momentum"]:
        yield Problem("Nesterov's step looks ahead along a momentum, and there is none", "nesterov")


_OPTIMIZERS = (
    of_class(
        "sgd",
        data.Sgd,
        {
            "lr": _RATE,
            "momentum": ("part of the last step's direction that is kept", number(0, below=1)),
            "nesterov": ("look ahead along the momentum (Nesterov 1983)", flag()),
            **_DECAY,
        },
        _about_sgd,
    ),
    of_class(
        "adamw",
        data.AdamW,
        {
            "lr": _RATE,
            "beta1": ("part of the mean of gradients that is kept", number(0, below=1)),
            "beta2": ("part of the mean of their squares that is kept", number(0, below=1)),
            "eps": ("added to the root", number(0)),
            **_DECAY,
        },
    ),
)
_CLIP = of_class("global_norm", data.Clip, {"norm": ("largest norm", number(above=0))}, leads=True)
_AVERAGE = of_class(
    "ema",
    data.Ema,
    {"decay": ("part of the average that is kept", number(0, below=1))},
    leads=True,
)

# ---- the rest ------------------------------------------------------------------------------------

_BATCHES = of_number(
    "batches",
    "The batch is cut into this many equal parts, one after another in memory: gradients are their "
    "mean, running statistics are updated by each.",
    Parameter("batches", "parts of a batch", whole(1, 2**20), 1),
)
_PRECISIONS = (
    of_value("float32", "Everything in float32, products too."),
    of_value("tf32", "float32, but products may round their factors to 10 bits (TF32)."),
    of_value(
        "bfloat16",
        "Convolutions and products in bfloat16; weights, statistics and loss in float32.",
    ),
    of_value("float64", "Everything in float64: to compare frameworks, not to be fast."),
)
_BATCH_NORMS = (
    of_value("local", "Every device has the statistics of its own part of the batch."),
    of_value("synchronized", "All devices share the statistics of the whole batch."),
)
_SEED = of_number(
    "seed",
    "Weights, the order of samples, augmentation and dropout all follow from this number.",
    Parameter("seed", "any number", whole(0, _LARGEST_SEED), 0),
)

_RECIPE = {f.name: f.default for f in fields(data.Recipe)}


def _slot(
    example: str, noun: str, doc: str, *options: Option, field: str = "", is_body: bool = False
) -> Slot:
    name = example.partition(":")[0]
    known = {option.name: option for option in options}
    field = field or name
    return Slot(name, doc, noun, example, known, _RECIPE[field], field, is_body)


#: All slots, in the order in which a recipe is written.
SLOTS: dict[str, Slot] = {
    slot.name: slot
    for slot in (
        _slot(
            'data: images(path = "imagenet", batch = 256)',
            "data set",
            "Where images come from, and how many make a step.",
            *DATA,
        ),
        _slot(
            "augment: { pad_crop(4); flip }",
            "transform",
            "What is done to training images, one transform after another.",
            *TRANSFORMS,
            is_body=True,
        ),
        _slot(
            "evaluate: { resize(256); center_crop(224) }",
            "transform",
            "What is done to test images; nothing random.",
            *FIXED_TRANSFORMS,
            is_body=True,
        ),
        _slot(
            "normalize: channels(mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225])",
            "normalization",
            "The last step of both: from bytes to the numbers that the network sees.",
            NORMALIZE,
        ),
        _slot(
            "mix: mixup(0.2)",
            "mixture",
            "Mixes pairs of training images and their targets.",
            *MIX,
        ),
        _slot(
            "loss: cross_entropy(label_smoothing = 0.1)",
            "loss",
            "What training makes small.",
            _LOSS,
        ),
        _slot(
            "optimizer: sgd(lr = 0.1, momentum = 0.9)",
            "optimizer",
            "How a gradient changes the weights.",
            *_OPTIMIZERS,
        ),
        _slot(
            "schedule: cosine(epochs = 90, warmup = 5)",
            "schedule",
            "How long training takes, and how the learning rate changes on the way.",
            *CURVES,
        ),
        _slot(
            "clip: global_norm(1.0)",
            "bound",
            "Bounds gradients before the optimizer sees them.",
            _CLIP,
        ),
        _slot(
            "average: ema(0.999)",
            "average",
            "Averages weights over steps, for evaluation.",
            _AVERAGE,
        ),
        _slot(
            "accumulate: batches(4)",
            "division",
            "Makes one step of several small batches.",
            _BATCHES,
        ),
        _slot(
            "precision: bfloat16", "precision", "The numbers that it computes with.", *_PRECISIONS
        ),
        _slot(
            "batch_norm: synchronized",
            "kind of batch norm",
            "Whose statistics batch norms use where several devices train together.",
            *_BATCH_NORMS,
        ),
        _slot(
            "random: seed(0)", "seed", "Where everything random comes from.", _SEED, field="seed"
        ),
    )
}

#: The slots that each option belongs to, for messages and for `explain`.
OPTIONS: dict[str, list[Slot]] = {}
for _each in SLOTS.values():
    for _name in _each.options:
        OPTIONS.setdefault(_name, []).append(_each)


def make_recipe(name: str, values: Arguments) -> data.Recipe:
    """The recipe with these values by slot; slots that are left out have their defaults."""
    return data.Recipe(name, **{SLOTS[slot].field: value for slot, value in values.items()})


def problems_between(recipe: data.Recipe) -> Iterator[tuple[str, Problem]]:
    """What is wrong between slots that are each valid: the slot to say it at, and the problem."""
    batch, parts = recipe.data.batch, recipe.accumulate
    if batch % parts:
        yield (
            "accumulate",
            Problem(
                f"a batch of {batch} cannot be cut into {parts} equal parts",
                "batches",
                f"`batch = {batch - batch % parts or parts}` can",
                "R0826",
            ),
        )
