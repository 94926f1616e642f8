"""The options of the slot `schedule`: the length of a run, its warm-up, and the curve behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from inspect import cleandoc
from itertools import pairwise
from typing import Any

from resdsl.ops.attributes import Kind, choice, list_of, number, optional, whole
from resdsl.recipes.options import Arguments, Option, Parameter, Problem, parameters_of
from resdsl.recipes.recipe import (
    Constant,
    Cosine,
    Linear,
    MultiStep,
    OneCycle,
    Schedule,
    Warmup,
)

#: Epochs or steps of the longest run.
_LONGEST = 10**9
_TIME = number(above=0, at_most=_LONGEST)
_LENGTH = (
    Parameter("epochs", "length of the run in passes over the data", optional(_TIME), None),
    Parameter("steps", "or its length in steps", optional(whole(1, _LONGEST)), None),
)
_WARMUP = (
    Parameter(
        "warmup",
        "length of the warm-up, in epochs or steps as the run's",
        number(0, at_most=_LONGEST),
        0,
    ),
    Parameter("warmup_lr", "rate that it begins with", number(0), 0.0),
    Parameter("warmup_shape", "its form", choice("linear", "constant"), "linear"),
)
_FINAL_LR = {"final_lr": ("rate that it ends with", number(0))}


def _curve(
    name: str,
    cls: type[Any],
    parameters: Mapping[str, tuple[str, Kind]],
    problems: Callable[[Arguments], Iterator[Problem]] | None = None,
    *,
    has_warmup: bool = True,
) -> Option:
    own = parameters_of(cls, parameters)
    required = [p for p in own if p.is_required]
    others = [p for p in own if not p.is_required]
    signature = (*required, *_LENGTH, *others, *(_WARMUP if has_warmup else ()))

    def make(
        *,
        epochs: float | None,
        steps: int | None,
        warmup: float = 0,
        warmup_lr: float = 0.0,
        warmup_shape: str = "linear",
        **curve: Any,
    ) -> Schedule:
        length, unit = (steps, "steps") if epochs is None else (epochs, "epochs")
        assert length is not None
        first = Warmup(_plain(warmup), warmup_lr, warmup_shape) if warmup else None
        if "at" in curve:
            curve["at"] = tuple(map(_plain, curve["at"]))
        return Schedule(cls(**curve), _plain(length), unit, first)

    def arguments_of(schedule: Schedule) -> dict[str, Any] | None:
        if type(schedule.curve) is not cls:
            return None
        first = schedule.warmup or Warmup(0)
        known = {
            "epochs": schedule.length if schedule.unit == "epochs" else None,
            "steps": schedule.length if schedule.unit == "steps" else None,
            **{key: getattr(schedule.curve, key) for key in parameters},
            "warmup": first.length,
            "warmup_lr": first.lr,
            "warmup_shape": first.shape,
        }
        return {p.name: known[p.name] for p in signature}

    def all_problems(given: Arguments) -> Iterator[Problem]:
        found = list(_about_length(given))
        yield from found
        if not found:
            yield from _about_warmup(given) if has_warmup else ()
            yield from problems(given) if problems is not None else ()

    absent = {p.name: "`one_cycle` rises by itself: `rise = 0.3`" for p in _WARMUP}
    return Option(
        name,
        cleandoc(cls.__doc__ or ""),
        signature,
        make,
        arguments_of,
        all_problems,
        absent={} if has_warmup else absent,
    )


def _plain(value: float) -> float:
    """A whole number as such: `90` epochs, not `90.0`."""
    return int(value) if value == int(value) else value


def _about_length(given: Arguments) -> Iterator[Problem]:
    if (given["epochs"] is None) is not (given["steps"] is None):
        return
    help = "`epochs = 90` or `steps = 64_000`"
    if given["steps"] is None:
        yield Problem("how long the run takes is not said", help=help, code="R0825")
    else:
        message = "the length of the run is given twice, in epochs and in steps"
        yield Problem(message, "steps", help=f"one of them: {help}", code="R0825")


def _length(given: Arguments) -> tuple[float, str]:
    in_steps = given["epochs"] is None
    return (given["steps"], "steps") if in_steps else (given["epochs"], "epochs")


def _about_warmup(given: Arguments) -> Iterator[Problem]:
    length, unit = _length(given)
    warmup = given["warmup"]
    if unit == "steps" and warmup != int(warmup):
        yield Problem(f"the run counts in steps, and {warmup:g} is no number of steps", "warmup")
    elif warmup >= length:
        yield Problem(
            f"the warm-up takes {warmup:g} {unit}, and the run {length:g}",
            "warmup",
            f"the run counts in {unit}, and so does its warm-up",
        )
    if not warmup:
        for name, default in (("warmup_lr", 0), ("warmup_shape", "linear")):
            if given[name] != default:
                yield Problem(f"there is no warm-up that `{name}` could be of", name)
    elif given["warmup_shape"] == "constant" and not given["warmup_lr"]:
        yield Problem(
            "a constant warm-up at the rate 0 changes nothing",
            "warmup_shape",
            "give its rate: `warmup_lr = 0.01`",
        )


def _about_points(given: Arguments) -> Iterator[Problem]:
    length, unit = _length(given)
    at = given["at"]
    if unit == "steps" and any(point != int(point) for point in at):
        yield Problem("the run counts in steps: the points of `at` are whole numbers", "at")
    if any(later <= earlier for earlier, later in pairwise(at)):
        yield Problem("the points of `at` do not rise", "at")
    elif at[-1] >= length:
        yield Problem(
            f"the run ends at {length:g} {unit}, and a point of `at` is {at[-1]:g}",
            "at",
            f"the run counts in {unit}, and so do these points",
        )
    elif at[0] < given["warmup"]:
        message = f"the first point of `at`, {at[0]:g}, is within the warm-up"
        yield Problem(message, "at")


CURVES = (
    _curve("constant", Constant, {}),
    _curve(
        "multistep",
        MultiStep,
        {
            "at": ("points in time at which the rate changes", list_of(_TIME, minimum=1)),
            "factor": ("what it is multiplied by there", number(above=0)),
        },
        _about_points,
    ),
    _curve("cosine", Cosine, _FINAL_LR),
    _curve("linear", Linear, _FINAL_LR),
    _curve(
        "one_cycle",
        OneCycle,
        {
            "rise": ("part of the run in which the rate rises", number(above=0, below=1)),
            "div": ("the highest rate over the first", number(above=0)),
            "final_div": ("the first rate over the last", number(above=0)),
        },
        has_warmup=False,
    ),
)
