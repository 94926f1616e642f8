"""Carries out trials in a process of its own: `python -m resdsl.parity.localize.worker plan.json`.

The plan names a backend and a file of arrays for each experiment. What is written beside it is how
far every result is from the two numbers in dispute.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from resdsl.codegen.backend import get_backend
from resdsl.codegen.runtime import Array, Arrays
from resdsl.codegen.trial import Evaluator, Trial, trial_from_json
from resdsl.parity.localize.local import distance
from resdsl.processes.channel import Channel, own_output, prepare
from resdsl.records import replace

#: Steps of Newton's method; it needs a handful where there is a root.
STEPS = 25
#: A fitted number is rounded to the fewest digits that leave the result as close as this.
EXACT = 1e-11


def main(arguments: list[str]) -> int:
    channel = Channel(own_output())
    path = Path(arguments[0])
    plan = json.loads(path.read_text(encoding="utf-8"))
    prepare(plan["threads"], "cpu")
    channel.phase("importing")
    evaluate = get_backend(plan["backend"]).load_trials()
    channel.phase("looking for causes")
    results = [carry_out(entry, load_file(entry["arrays"]), evaluate) for entry in plan["entries"]]
    path.with_suffix(".results.json").write_text(json.dumps(results), encoding="utf-8")
    return 0


def carry_out(entry: Mapping[str, Any], arrays: Arrays, evaluate: Evaluator) -> dict[str, Any]:
    """One experiment: the trial itself, and each attempt in its place."""
    deviant, right = arrays["deviant"], arrays["right"]
    given = {name: a for name, a in arrays.items() if "/" in name}

    def outcome(trial: Trial) -> list[float | None]:
        result = result_of(evaluate, trial, given)
        return [_finite(_far(result, deviant)), _finite(_far(result, right))]

    base = outcome(trial_from_json(entry["trial"]))
    odd = 0 if _error(base[1]) <= _error(base[0]) else 1
    trials = [trial_from_json(attempt["trial"]) for attempt in entry["attempts"]]
    attempts: list[list[float | None]] = []
    for trial, attempt in zip(trials, entry["attempts"], strict=True):
        attempts.append([None, None] if attempt["fit"] else outcome(trial))
    # Numbers are looked for where no known one is right: that takes a hundred times as long.
    is_open = all(_error(tried[odd]) > max(EXACT, entry["limit"]) for tried in attempts)
    for place, (trial, attempt) in enumerate(zip(trials, entry["attempts"], strict=True)):
        found = None
        if attempt["fit"] and is_open:
            found = fit(trial, attempt, given, evaluate, deviant if odd == 0 else right)
            if found is not None:
                attempts[place] = outcome(_with(trial, attempt, found))
        attempts[place].append(found)
    return {
        "base": base,
        "deviant exact in": exact_in(deviant),
        "right exact in": exact_in(right),
        "attempts": attempts,
    }


def _error(error: float | None) -> float:
    return math.inf if error is None else error


def result_of(evaluate: Evaluator, trial: Trial, arrays: Arrays) -> Array | None:
    """What a trial computes; `None` where its variant does not fit these shapes."""
    try:
        return evaluate(trial, arrays)
    except (RuntimeError, ValueError, IndexError, AssertionError):
        return None


def _far(a: Array | None, b: Array) -> float:
    return math.inf if a is None else distance(a, b)[0]


def _finite(error: float) -> float | None:
    return error if math.isfinite(error) else None


# ---- numbers that are not known ------------------------------------------------------------------


def fit(
    trial: Trial, attempt: Mapping[str, Any], arrays: Arrays, evaluate: Evaluator, target: Array
) -> float | None:
    """The number that reproduces `target`, by Newton's method from each of the starts."""

    def residual(value: float) -> Array | None:
        result = result_of(evaluate, _with(trial, attempt, value), arrays)
        return None if result is None or result.shape != target.shape else result - target

    for start in attempt["starts"]:
        found = _root(residual, float(start))
        if found is not None:
            return _shortest(residual, found, float(np.abs(target).max(initial=0.0)))
    return None


def _root(residual: Callable[[float], Array | None], value: float) -> float | None:
    best = math.inf
    for _ in range(STEPS):
        here = residual(value)
        step = 1e-4 * abs(value) or 1e-7
        there = residual(value + step)
        if here is None or there is None:
            return None
        best = float(np.abs(here).max(initial=0.0))
        slope = (there - here) / step
        power = float((slope * slope).sum())
        if best == 0.0 or power == 0.0 or not math.isfinite(power):
            break
        change = float((slope * here).sum()) / power
        if abs(change) <= 1e-15 * abs(value):
            break
        # An epsilon does not become negative on its way to the root.
        value = value - change if value - change > 0 or value < 0 else value / 10
    return value if math.isfinite(best) else None


def _shortest(residual: Callable[[float], Array | None], value: float, scale: float) -> float:
    for digits in range(1, 13):
        short = float(f"{value:.{digits - 1}e}")
        left = residual(short)
        if left is not None and float(np.abs(left).max(initial=0.0)) <= EXACT * scale:
            return short
    return value


def _with(trial: Trial, attempt: Mapping[str, Any], value: float) -> Trial:
    """The trial with a number for what is to be fitted."""
    name, steps = attempt["fit"], list(trial.steps)
    for place in attempt["steps"]:
        step = steps[place]
        if name in step.twist:
            steps[place] = replace(step, twist={**step.twist, name: value})
        else:
            steps[place] = replace(step, op=replace(step.op, **{name: value}))
    return replace(trial, steps=tuple(steps))


# ---- numbers of fewer bits -----------------------------------------------------------------------


def exact_in(array: Array) -> list[str]:
    """The precisions, below float64, in which all numbers of an array are exact."""
    whole = np.asarray(array, np.float64)
    with np.errstate(over="ignore"):
        single = whole.astype(np.float32)
        half = whole.astype(np.float16)
    found = []
    if (single == whole).all():
        found.append("float32")
        if not (single.view(np.uint32) & 0xFFFF).any():
            found.append("bfloat16")
    if (half == whole).all():
        found.append("float16")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
