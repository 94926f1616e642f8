"""Printed schedules are those of the contract: as many steps, and the same rate at each."""

import math
from random import Random

import pytest

from resdsl.codegen.trainer.schedule import schedule_functions
from resdsl.recipes.recipe import (
    Constant,
    Cosine,
    Curve,
    Digits,
    Linear,
    MultiStep,
    OneCycle,
    Recipe,
    Schedule,
    Sgd,
    Warmup,
)
from resdsl.recipes.schedules import learning_rate, total_steps

RATE = 0.3


def drawn(pick: Random) -> Schedule:
    unit = pick.choice(["epochs", "steps"])
    length = pick.choice([1, 2, 5, 30, 0.5, 2.5]) if unit == "epochs" else pick.randint(2, 200)

    def time() -> float:
        return pick.uniform(0.1, length) if unit == "epochs" else pick.randint(1, int(length) - 1)

    curves: list[Curve] = [
        Constant(),
        MultiStep(tuple(sorted({time() for _ in range(3)})), pick.choice([0.1, 0.5])),
        Cosine(pick.choice([0.0, 1e-3])),
        Linear(pick.choice([0.0, 1e-3])),
        OneCycle(pick.uniform(0.1, 0.9)),
    ]
    curve = pick.choice(curves)
    warmup = Warmup(time(), pick.choice([0.0, 0.01]), pick.choice(["linear", "constant"]))
    has_warmup = not isinstance(curve, OneCycle) and pick.random() < 0.5
    return Schedule(curve, length, unit, warmup if has_warmup else None)


@pytest.mark.parametrize("seed", range(20))
def test_printed_rates_are_those_of_the_formulas(seed: int) -> None:
    pick = Random(seed)
    for _ in range(20):
        schedule, steps_per_epoch = drawn(pick), pick.randint(1, 40)
        recipe = Recipe("drawn", Digits(), schedule, Sgd(lr=RATE))
        names = {"math": math, "LEARNING_RATE": RATE}
        exec("\n\n".join("\n".join(lines) for lines in schedule_functions(recipe)), names)
        steps = names["total_steps"](steps_per_epoch)  # type: ignore[operator]
        assert steps == total_steps(schedule, steps_per_epoch)
        printed = [names["learning_rate"](s, steps_per_epoch) for s in range(steps)]  # type: ignore[operator]
        wanted = [
            learning_rate(schedule, recipe.optimizer, s, steps_per_epoch) for s in range(steps)
        ]
        assert printed == pytest.approx(wanted, rel=1e-13, abs=1e-16), schedule
