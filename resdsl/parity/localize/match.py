"""Which variant reproduces a deviant number, and whether it is the reference that departs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from resdsl.parity.causes import Variant, number_text
from resdsl.parity.localize.trials import Attempt, Experiment

#: How exactly a variant reproduces a number that it is the cause of, in float64.
REPRODUCED = 1e-11
#: A variant is told from the right meaning if it is this many times as close.
DISTINCT = 30.0
#: Precisions of which a run in this one says nothing: all its numbers are exact in them.
COARSER = {"float32": {"float32"}, "bfloat16": {"float32", "bfloat16"}}
#: The most causes that are named for one difference.
MOST = 3


@dataclass(frozen=True, slots=True)
class Match:
    """A variant that reproduces the number, at one of the nodes."""

    attempt: Attempt
    variant: Variant


@dataclass(frozen=True, slots=True)
class Ruling:
    """What trials say about one difference.

    `is_reference` says that it is the reference which departs from the network, `settled` that
    what the network says is what one of the two computes. `tried` counts the variants.
    """

    matches: tuple[Match, ...]
    is_reference: bool
    settled: bool
    tried: int


def ruling(
    experiments: Sequence[Experiment], results: Sequence[Mapping[str, Any]], dtype: str
) -> Ruling:
    """What several experiments about one line of the text say together."""
    each = [_ruling(e, result, dtype) for e, result in zip(experiments, results, strict=True)]
    first = each[0]
    # A variant that explains one layer and not the next of the same line is none.
    shared = [
        m
        for m in first.matches
        if all(_name(m) in {_name(other) for other in more.matches} for more in each[1:])
    ]
    return replace(first, matches=tuple(shared[:MOST]))


def _name(match: Match) -> tuple[str, str, float | str]:
    variant = match.variant
    return (match.attempt.node.op.name, variant.name, variant.fit)


def _ruling(experiment: Experiment, result: Mapping[str, Any], dtype: str) -> Ruling:
    limit = max(REPRODUCED, experiment.local.limit)
    to_deviant, to_right = (math.inf if e is None else e for e in result["base"])
    # The network's own meaning decides who departs from it.
    is_reference = to_deviant <= limit < to_right
    column, own = (1, to_right) if is_reference else (0, to_deviant)
    exact = _telling(result, is_reference, dtype)
    named, fitted = [], []
    for attempt, tried in zip(experiment.attempts, result["attempts"], strict=True):
        error = math.inf if tried[column] is None else tried[column]
        variant = attempt.variant
        if variant.loose:
            precision = variant.twist["precision"]
            agrees = error <= variant.loose and (error * DISTINCT <= own or precision in exact)
            agrees = agrees and precision not in COARSER.get(dtype, ())
        else:
            agrees = error <= limit and error * DISTINCT <= own
        if agrees and tried[2] is None:
            named.append(Match(attempt, variant))
        elif agrees:
            fitted.append(Match(attempt, _with_number(variant, tried[2])))
    return Ruling(
        tuple(named or fitted),
        is_reference,
        settled=min(to_right, to_deviant) <= limit,
        tried=len(experiment.attempts),
    )


def _telling(result: Mapping[str, Any], is_reference: bool, dtype: str) -> set[str]:
    """Precisions in which the odd numbers are all exact, and the others are not."""
    odd, other = result["deviant exact in"], result["right exact in"]
    if is_reference:
        odd, other = other, odd
    found = set(odd) - set(other) - COARSER.get(dtype, set())
    return found - {"float32"} or found


def _with_number(variant: Variant, value: float) -> Variant:
    text = number_text(value)
    if variant.name.endswith("a number"):
        return replace(variant, name=variant.name.replace("a number", text), fit=variant.fit)
    return replace(variant, name=f"{variant.name} = {text}")
