"""Codes R082x: recipes of `.res` files."""

from __future__ import annotations

from resdsl.diagnostics.codes.code import Code

_DATA = "    data:      digits\n"
_OPTIMIZER = "    optimizer: sgd(lr = 0.1)\n"
_SCHEDULE = "    schedule:  cosine(epochs = 30)\n"


def _recipe(*lines: str) -> str:
    return f"recipe short {{\n{''.join(lines)}}}\n"


_RIGHT = _recipe(_DATA, _OPTIMIZER, _SCHEDULE)

CODES: list[Code] = [
    Code(
        "R0821",
        "an unknown slot of a recipe",
        "A recipe is a list of slots, each filled once: `data`, `optimizer`, `schedule` and others "
        "that may be left out. `resdsl explain recipe` lists them, and `--set` changes them by "
        "the same names.",
        _recipe(_DATA, "    optimiser: sgd(lr = 0.1)\n", _SCHEDULE),
        _RIGHT,
    ),
    Code(
        "R0822",
        "a slot is filled twice",
        "Every slot of a recipe is filled once. `augment` and `evaluate` take a body, with as many "
        "transforms as there are.",
        _recipe(_DATA, "    augment:   pad_crop(2)\n    augment:   flip\n", _OPTIMIZER, _SCHEDULE),
        _recipe(_DATA, "    augment:   { pad_crop(2); flip }\n", _OPTIMIZER, _SCHEDULE),
    ),
    Code(
        "R0823",
        "a recipe that lacks a slot",
        "A run needs data, an optimizer and a schedule. Everything else has a default that changes "
        "nothing: no augmentation, plain cross-entropy, float32, the seed 0.",
        _recipe(_DATA, _OPTIMIZER),
        _RIGHT,
    ),
    Code(
        "R0824",
        "something that a slot cannot be filled with",
        "Each slot has options of its own, with documented parameters: `sgd` and `adamw` are "
        "optimizers, `cosine` is a schedule. Transforms of test images are never random.",
        _recipe(_DATA, "    optimizer: sdg(lr = 0.1)\n", _SCHEDULE),
        _RIGHT,
    ),
    Code(
        "R0825",
        "a run without a length, or with two",
        "The schedule says how long training takes: in epochs, which are passes over the training "
        "images, or in steps. Its warm-up and its other points in time count in the same unit.",
        _recipe(_DATA, _OPTIMIZER, "    schedule:  cosine(epochs = 30, steps = 400)\n"),
        _RIGHT,
    ),
    Code(
        "R0826",
        "a batch that cannot be cut evenly",
        "`accumulate: batches(4)` computes a step in four parts of equal size, so that the mean of "
        "their gradients is the gradient of the batch.",
        _recipe(
            "    data:       digits(batch = 126)\n    optimizer:  sgd(lr = 0.1)\n"
            "    schedule:   cosine(epochs = 30)\n    accumulate: batches(4)\n"
        ),
        _recipe(
            "    data:       digits(batch = 128)\n    optimizer:  sgd(lr = 0.1)\n"
            "    schedule:   cosine(epochs = 30)\n    accumulate: batches(4)\n"
        ),
    ),
    Code(
        "R0827",
        "a line that fills no slot",
        "A line of a recipe is `slot: option(arguments)`, or `slot: { … }` where a slot takes a "
        "chain of transforms; a `let` or an `expect` may stand between them. Steps of networks "
        "have no place there.",
        _recipe(_DATA, "    sgd(lr = 0.1)\n", _SCHEDULE),
        _RIGHT,
    ),
    Code(
        "R0828",
        "an unknown recipe",
        "A recipe without a body is another one with arguments given, and `--recipe` picks one by "
        "name: of the file, of those it imports, or of the library, whose recipes are in reach "
        "without an import.",
        "recipe short = digitz(epochs = 5)\n",
        "recipe short = digits(epochs = 5)\n",
    ),
    Code(
        "R0829",
        "no single recipe to train with",
        "A file may hold several recipes; where it has none, the library's `digits` is taken. With "
        "more than one, `--recipe` says which is meant.",
        "resdsl train net.res\n",
        "resdsl train net.res --recipe short\n",
    ),
]
