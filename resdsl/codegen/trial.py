"""A few operations of a network by themselves: what a backend computes to find a cause.

A trial holds steps with their bound operations, and says which number it wants: a value, the
gradient of one, of a weight, or a running statistic. A `twist` gives a step a meaning for which the
language has no attribute (a flipped kernel, an input rounded to bfloat16). Plain data without a
framework, so that the parent makes it and a worker carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from resdsl.codegen.runtime import Array, Arrays
from resdsl.ops import OPS, Initializer, Op, attributes_of
from resdsl.records import dataclass, field
from resdsl.types import TensorType

#: What a twist may be: plain numbers, texts and lists of them, by name.
Twist: TypeAlias = "Mapping[str, Any]"

VALUE, GRADIENT, WEIGHT, STATISTIC = "value", "gradient", "weight", "statistic"


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: `op` takes the values `inputs` and leaves the values `outputs`.

    `weights` maps its own names of weights (`bias`) to those that they have in the network, and
    `mask` names what a stochastic operation keeps.
    """

    op: Op
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: Mapping[str, str] = field(default_factory=dict)
    mask: str | None = None
    twist: Twist = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The number that is asked for: its kind, and the value or weight it is about."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Trial:
    """Steps in their order, and what is wanted of them.

    The arrays that go with it are called `value/1`, `weight/conv1.weight`, `mask/drop`, and, for
    gradients, `sent/2`: the gradient that arrives at a value from behind.
    """

    steps: tuple[Step, ...]
    wanted: Wanted
    training: bool = False


#: Computes one trial in float64, from its arrays; what `Backend.trials` names.
Evaluator: TypeAlias = "Callable[[Trial, Arrays], Array]"


def trial_to_json(trial: Trial) -> dict[str, Any]:
    """As JSON can hold it. Initial values of weights are left out: a trial is given weights."""
    return {
        "steps": [_step_to_json(step) for step in trial.steps],
        "wanted": [trial.wanted.kind, trial.wanted.name],
        "training": trial.training,
    }


def trial_from_json(data: Mapping[str, Any]) -> Trial:
    """The inverse of `trial_to_json`."""
    steps = tuple(
        Step(
            _op_from_json(step["op"]),
            tuple(step["inputs"]),
            tuple(step["outputs"]),
            step["weights"],
            step["mask"],
            step["twist"],
        )
        for step in data["steps"]
    )
    return Trial(steps, Wanted(*data["wanted"]), data["training"])


def _step_to_json(step: Step) -> dict[str, Any]:
    return {
        "op": _op_to_json(step.op),
        "inputs": step.inputs,
        "outputs": step.outputs,
        "weights": dict(step.weights),
        "mask": step.mask,
        "twist": dict(step.twist),
    }


def _op_to_json(op: Op) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in attributes_of(type(op)):
        value = getattr(op, name)
        if isinstance(value, TensorType):
            found[name] = {"tensor": value.numbers}
        elif not isinstance(value, Initializer):
            found[name] = value
    return {"name": op.name, "attributes": found}


def _op_from_json(data: Mapping[str, Any]) -> Op:
    given = {name: _value(value) for name, value in data["attributes"].items()}
    return OPS[data["name"]](**given)


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return TensorType(tuple(value["tensor"]))
    return tuple(value) if isinstance(value, list) else value
