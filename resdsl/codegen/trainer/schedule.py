"""`total_steps` and `learning_rate`, printed for one schedule.

The formulas are those of `resdsl.recipes.recipe`; a point in epochs is the nearest step to it.
"""

from __future__ import annotations

from resdsl.codegen.trainer.text import indented, laid_out, number, split
from resdsl.recipes.recipe import (
    Constant,
    Cosine,
    Linear,
    MultiStep,
    OneCycle,
    Recipe,
    Schedule,
)

_HALF_COSINE = '''
def half_cosine(start: float, end: float, t: float) -> float:
    """From `start` at t = 0 to `end` at t = 1 along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * t)) / 2
'''


def schedule_functions(recipe: Recipe) -> list[list[str]]:
    """The functions, each a list of lines. Where a cosine is used, they need `math`."""
    schedule = recipe.schedule
    functions = [_total_steps(schedule)]
    if isinstance(schedule.curve, OneCycle):
        functions.append(split(_HALF_COSINE))
    return [*functions, _learning_rate(schedule)]


def _total_steps(schedule: Schedule) -> list[str]:
    whole = float(schedule.length).is_integer()
    steps = _steps(schedule.length, schedule)
    return [
        "def total_steps(steps_per_epoch: int) -> int:",
        f'    """{_time(schedule.length, schedule)}."""',
        f"    return {steps if whole else f'max(1, {steps})'}",
    ]


def _learning_rate(schedule: Schedule) -> list[str]:
    body = [*_warmup(schedule), *_curve(schedule)]
    return [
        "def learning_rate(step: int, steps_per_epoch: int) -> float:",
        f'    """{_summary(schedule)}"""',
        *indented(body),
    ]


def _warmup(schedule: Schedule) -> list[str]:
    warmup = schedule.warmup
    if warmup is None:
        return []
    steps = _steps(warmup.length, schedule)
    if warmup.shape == "constant":
        return [f"if step < {steps}:", f"    return {number(warmup.lr)}"]
    first = number(warmup.lr)
    rise = f"{first} + (LEARNING_RATE - {first})" if warmup.lr else "LEARNING_RATE"
    return [
        f"warmup = {steps}",
        "if step < warmup:",
        f"    return {rise} * (step + 1) / warmup",
    ]


def _curve(schedule: Schedule) -> list[str]:
    match schedule.curve:
        case Constant():
            return ["return LEARNING_RATE"]
        case MultiStep(at=at, factor=factor):
            return _multi_step(at, factor, schedule)
        case Cosine(final_lr=final):
            last = number(final)
            fall = f"{last} + (LEARNING_RATE - {last})" if final else "LEARNING_RATE"
            return [*_progress(schedule), f"return {fall} * (1 + math.cos(math.pi * t)) / 2"]
        case Linear(final_lr=final):
            line = f"LEARNING_RATE + ({number(final)} - LEARNING_RATE) * t"
            return [*_progress(schedule), f"return {line if final else 'LEARNING_RATE * (1 - t)'}"]
        case OneCycle(rise=rise, div=div, final_div=final_div):
            return [
                f"first = LEARNING_RATE / {number(div)}",
                "total = total_steps(steps_per_epoch)",
                f"top = round({number(rise)} * total)",
                "if step < top:",
                "    return half_cosine(first, LEARNING_RATE, step / top)",
                f"last = first / {number(final_div)}",
                "return half_cosine(LEARNING_RATE, last, (step - top) / (total - top))",
            ]


def _multi_step(at: tuple[float, ...], factor: float, schedule: Schedule) -> list[str]:
    if len(at) == 1:
        changed = f"LEARNING_RATE * {number(factor)}"
        return [f"return {changed} if step >= {_steps(at[0], schedule)} else LEARNING_RATE"]
    points = ", ".join(map(number, at))
    point = "point"
    if schedule.unit == "epochs":
        point = "point * steps_per_epoch"
        if not all(float(time).is_integer() for time in at):
            point = f"round({point})"
    return [
        *laid_out(f"past = sum(step >= {point} for point in ({points}))", 1),
        f"return LEARNING_RATE * {number(factor)}**past",
    ]


def _progress(schedule: Schedule) -> list[str]:
    """`t`, from 0 to 1 behind the warm-up."""
    if schedule.warmup is None:
        return ["t = step / total_steps(steps_per_epoch)"]
    if schedule.warmup.shape == "constant":
        warmup = [f"warmup = {_steps(schedule.warmup.length, schedule)}"]
    else:
        warmup = []
    return [*warmup, "t = (step - warmup) / (total_steps(steps_per_epoch) - warmup)"]


# ---- words and numbers ---------------------------------------------------------------------------


def _steps(time: float, schedule: Schedule) -> str:
    """A point in time as an expression for its step."""
    if schedule.unit == "steps":
        return number(round(time))
    if time == 1:
        return "steps_per_epoch"
    steps = f"{number(time)} * steps_per_epoch"
    return steps if float(time).is_integer() else f"round({steps})"


def _time(time: float, schedule: Schedule) -> str:
    shown = f"{int(time):,}" if float(time).is_integer() else f"{time:g}"
    return f"{shown} {schedule.unit.removesuffix('s') if time == 1 else schedule.unit}"


def _summary(schedule: Schedule) -> str:
    """The schedule in a sentence."""
    words = ""
    if schedule.warmup is not None:
        how = "Constant" if schedule.warmup.shape == "constant" else "Rises"
        words = f"{how} for {_time(schedule.warmup.length, schedule)}, then "
    match schedule.curve:
        case Constant():
            words += "constant"
        case MultiStep(at=at, factor=factor):
            points = [_time(point, schedule).split()[0] for point in at]
            listed = " and ".join(filter(None, [", ".join(points[:-1]), points[-1]]))
            singular = schedule.unit.removesuffix("s") if len(at) == 1 else schedule.unit
            words += f"times {number(factor)} from {singular} {listed} on"
        case Cosine():
            words += "falls along half a cosine"
        case Linear():
            words += "falls on a line"
        case OneCycle():
            words += "rises and falls along two halves of a cosine"
    return f"{words[0].upper()}{words[1:]}."
