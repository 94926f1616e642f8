"""The learning rate of every step, and how many steps there are, in plain Python.

The formulas are those of the classes in `recipe`; trainers print them, and are tested against
these functions. A point in time that is given in epochs is the nearest step to it.
"""

from __future__ import annotations

from math import cos, pi

from resdsl.recipes.recipe import (
    Constant,
    Cosine,
    Linear,
    MultiStep,
    OneCycle,
    Optimizer,
    Schedule,
)


def total_steps(schedule: Schedule, steps_per_epoch: int) -> int:
    """The number of steps of a run, at least one."""
    return max(1, in_steps(schedule.length, schedule, steps_per_epoch))


def warmup_steps(schedule: Schedule, steps_per_epoch: int) -> int:
    """The number of steps of the warm-up."""
    warmup = schedule.warmup
    return 0 if warmup is None else in_steps(warmup.length, schedule, steps_per_epoch)


def in_steps(time: float, schedule: Schedule, steps_per_epoch: int) -> int:
    """A point in time, in the schedule's unit, as the nearest number of steps."""
    return round(time * steps_per_epoch if schedule.unit == "epochs" else time)


def learning_rate(
    schedule: Schedule, optimizer: Optimizer, step: int, steps_per_epoch: int
) -> float:
    """The rate of one step, 0 <= `step` < `total_steps`."""
    full = optimizer.lr
    first = warmup_steps(schedule, steps_per_epoch)
    if schedule.warmup is not None and step < first:
        if schedule.warmup.shape == "constant":
            return schedule.warmup.lr
        return schedule.warmup.lr + (full - schedule.warmup.lr) * (step + 1) / first
    total = total_steps(schedule, steps_per_epoch)
    match schedule.curve:
        case Constant():
            return full
        case MultiStep(at=at, factor=factor):
            past = sum(step >= in_steps(point, schedule, steps_per_epoch) for point in at)
            return full * factor**past
        case Cosine(final_lr=final):
            return _half_cosine(final, full, (step - first) / (total - first))
        case Linear(final_lr=final):
            return full + (final - full) * ((step - first) / (total - first))
        case OneCycle(rise=rise, div=div, final_div=final_div):
            top = round(rise * total)
            if step < top:
                return _half_cosine(full, full / div, step / top)
            return _half_cosine(full / div / final_div, full, (step - top) / (total - top))


def _half_cosine(end: float, start: float, t: float) -> float:
    """From `start` at t = 0 to `end` at t = 1 along half a cosine."""
    return end + (start - end) * (1 + cos(pi * t)) / 2
