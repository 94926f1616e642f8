"""The rate of every step: the formulas of the data classes, at points worked out by hand."""

from math import cos, pi

import pytest

from resdsl.recipes.recipe import (
    AdamW,
    Constant,
    Cosine,
    Curve,
    Linear,
    MultiStep,
    OneCycle,
    Schedule,
    Sgd,
    Warmup,
)
from resdsl.recipes.schedules import learning_rate, total_steps, warmup_steps

OPTIMIZER = Sgd(lr=0.4)


def rates(schedule: Schedule, steps_per_epoch: int = 10) -> list[float]:
    steps = range(total_steps(schedule, steps_per_epoch))
    return [learning_rate(schedule, OPTIMIZER, step, steps_per_epoch) for step in steps]


@pytest.mark.parametrize(
    ("length", "unit", "steps"),
    [(3, "epochs", 30), (3, "steps", 3), (0.25, "epochs", 2), (0.75, "epochs", 8)],
)
def test_length_in_steps(length: float, unit: str, steps: int) -> None:
    assert total_steps(Schedule(Constant(), length, unit), 10) == steps


def test_the_shortest_run_has_one_step() -> None:
    assert rates(Schedule(Cosine(), 0.001)) == [0.4]


def test_constant() -> None:
    assert rates(Schedule(Constant(), 1)) == [0.4] * 10


def test_linear_and_cosine() -> None:
    line = rates(Schedule(Linear(0.1), 4, "steps"))
    assert line == pytest.approx([0.4, 0.325, 0.25, 0.175], rel=1e-15)
    curve = rates(Schedule(Cosine(0.1), 4, "steps"))
    wanted = [0.1 + 0.3 * (1 + cos(pi * s / 4)) / 2 for s in range(4)]
    assert curve == pytest.approx(wanted, rel=1e-15)


def test_warmup_ends_at_the_full_rate_and_the_curve_begins_there() -> None:
    schedule = Schedule(Linear(), 1, "epochs", Warmup(0.4, 0.2))
    assert warmup_steps(schedule, 10) == 4
    assert rates(schedule)[:6] == pytest.approx([0.25, 0.3, 0.35, 0.4, 0.4, 0.4 * 5 / 6], rel=1e-15)


def test_a_constant_warmup_then_steps_as_for_resnet_110() -> None:
    schedule = Schedule(MultiStep((32, 48)), 64, "steps", Warmup(4, 0.01, "constant"))
    found = rates(schedule)
    assert found[:4] == [0.01] * 4
    assert set(found[4:32]) == {0.4}
    assert set(found[32:48]) == {0.4 * 0.1}
    assert set(found[48:]) == {0.4 * 0.1**2}
    assert len(found) == 64


def test_points_in_epochs() -> None:
    found = rates(Schedule(MultiStep((0.5, 1.5), factor=0.5), 2))
    assert found == [0.4] * 5 + [0.2] * 10 + [0.1] * 5


def test_one_cycle() -> None:
    found = rates(Schedule(OneCycle(rise=0.4, div=4, final_div=2), 1))
    assert found[0] == pytest.approx(0.1, rel=1e-15)
    assert found[2] == pytest.approx(0.25, rel=1e-15)
    assert found[4] == pytest.approx(0.4, rel=1e-15)
    assert found[7] == pytest.approx(0.05 + 0.35 / 2, rel=1e-15)
    assert max(found) == found[4] and found[9] < found[0]


@pytest.mark.parametrize("curve", [Constant(), MultiStep((1,)), Cosine(), Linear(), OneCycle()])
@pytest.mark.parametrize("steps_per_epoch", [1, 3, 100])
def test_rates_are_never_negative_nor_over_the_full_one(curve: Curve, steps_per_epoch: int) -> None:
    for rate in rates(Schedule(curve, 5), steps_per_epoch):
        assert 0 <= rate <= 0.4 * (1 + 1e-15)


def test_adamw_has_a_rate_too() -> None:
    assert learning_rate(Schedule(Constant(), 1), AdamW(lr=1e-3), 0, 1) == 1e-3
