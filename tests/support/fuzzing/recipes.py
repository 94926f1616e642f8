"""Random recipes: mostly whole, with values that options take, and now and then with a mistake."""

from __future__ import annotations

from random import Random

from resdsl.ops.attributes import Kind, WrongValue
from resdsl.recipes.options import Option, Parameter
from resdsl.recipes.slots import SLOTS, Slot
from resdsl.recipes.text import written
from tests.support.fuzzing import words

#: Values for parameters of all kinds; those that a parameter takes are found by asking its kind.
VALUES = [
    *(0, 1, 2, 4, 8, 64, 128, 224, 256, 480, 0.0, 0.1, 0.5, 0.9, 0.999, 1.0, 1.5, 1e-4, 2**32 - 1),
    *(True, False, None, "linear", "constant", "data/images", "é", (), ("bias",), ("bias", "norm")),
    *((0.5,), (30, 60), (0.1, 0.2, 0.3), (60, 30), -1, 2**63 - 1),
]
WRONG = [
    *("flip: flip", "sgd(lr = 0.1)", "optimizer: { sgd }", "a[0]: flip", "stage 2 x flip"),
    *("from in", "augment: { flip { flip } }", "augment: { a: flip }", "optimiser: sgd"),
    *("schedule: cosine(epochs = lr / 0)", "let lr = 3", "expect lr < 0", "random: seed(in)"),
    *("residual { relu }", "if lr > 0 { clip: global_norm(1) }", "schedule: cosine(steps = f(3))"),
]


def recipe(pick: Random, name: str) -> str:
    """The definition of a recipe called `name`."""
    if pick.random() < 0.2:
        other = pick.choice(["digits", "cifar10", "imagenet_modern", "recipe1", "basic", name])
        return f"recipe {name} = {other}({pick.choice(['', 'seed = 3', 'lr = 0.2', '3'])})\n"
    lines = [_line(slot, pick) for slot in SLOTS.values() if _is_filled(slot, pick)]
    if pick.random() < 0.3:
        lines.insert(0, f"let big = {pick.choice(['lr', '2 * lr', '[lr][0]', '3'])}")
    if pick.random() < 0.2:
        lines.insert(pick.randrange(len(lines) + 1), pick.choice([*WRONG, *lines]))
    if pick.random() < 0.1:
        pick.shuffle(lines)
    head = pick.choice(["(lr = 0.1)", "(lr: number = 1e-3)", "(lr = 0.1, n = 3)", "(lr)", ""])
    return f"recipe {name}{head} {{\n    " + "\n    ".join(lines) + "\n}\n"


def _is_filled(slot: Slot, pick: Random) -> bool:
    return pick.random() < (0.97 if slot.is_required else 0.3)


def _line(slot: Slot, pick: Random) -> str:
    options = list(slot.options.values())
    if not slot.is_body:
        return f"{slot.name}: {_call(pick.choice(options), pick)}"
    calls = [_call(pick.choice(options), pick) for _ in range(pick.randint(0, 3))]
    return f"{slot.name}: {{ {'; '.join(calls)} }}"


def _call(option: Option, pick: Random) -> str:
    given = [p for p in option.parameters if p.is_required or pick.random() < 0.3]
    if "epochs" in option.parameter_names:
        length = option.parameter(pick.choice(["epochs", "steps"]))
        given = [length, *(p for p in given if p.name not in ("epochs", "steps"))]
    name = option.name if pick.random() < 0.98 else words.name(pick)
    if not given:
        return name
    return f"{name}({', '.join(_argument(p, pick) for p in given)})"


def _argument(parameter: Parameter, pick: Random) -> str:
    if pick.random() < 0.02:
        return f"{words.name(pick)} = {pick.choice(words.NUMBERS)}"
    if parameter.name == "lr" and pick.random() < 0.5:
        return "lr = lr"
    fitting = [value for value in VALUES if _is_taken(parameter.kind, value)]
    value = pick.choice(fitting if fitting and pick.random() < 0.97 else VALUES)
    return f"{parameter.name} = {written(value)}"


def _is_taken(kind: Kind, value: object) -> bool:
    try:
        kind.accept(value)
    except WrongValue:
        return False
    return True
