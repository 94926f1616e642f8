"""One operation about to be computed: its attributes, its twist, its weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from resdsl.codegen.trial import Step
from resdsl.types import TensorType


@dataclass(slots=True)
class Call:
    """A step with what it reads beside its inputs. `held` has weights, masks and statistics."""

    step: Step
    training: bool
    held: dict[str, Tensor]
    #: Running statistics as the steps leave them, by their names in the network.
    statistics: dict[str, Tensor] = field(default_factory=dict)

    @property
    def op(self) -> Any:
        """The bound operation, whose attributes its function knows."""
        return self.step.op

    def twist(self, name: str, default: Any = None) -> Any:
        """What the step's twist says about `name`."""
        return self.step.twist.get(name, default)

    def weight(self, name: str) -> Tensor | None:
        """A weight of its own, unless it has none, or the twist leaves it out."""
        known = self.step.weights.get(name)
        if known is None or name in self.twist("without", ()):
            return None
        # A layer that runs again finds the statistics that its first run has left.
        return self.statistics.get(known, self.held[f"weight/{known}"])

    def given(self, name: str) -> Tensor:
        """A weight that must be there."""
        found = self.weight(name)
        assert found is not None, name
        return found

    def keep(self, name: str, value: Tensor) -> None:
        """A new running statistic."""
        self.statistics[self.step.weights[name]] = value

    @property
    def mask(self) -> Tensor:
        """What a stochastic operation keeps: ones and zeros."""
        return self.held[f"mask/{self.step.mask}"]


def type_of(x: Tensor) -> TensorType:
    """The type of a batch's samples."""
    return TensorType(tuple(x.shape[1:]))


def along(values: Tensor, x: Tensor) -> Tensor:
    """One number a channel, shaped so that it meets `x` there."""
    return values.reshape(1, -1, *(1 for _ in x.shape[2:]))


def interleaved(x: Tensor, groups: int, axis: int = 1) -> Tensor:
    """Channels dealt out in turn: of `groups` groups in order, the first of each, the second ..."""
    shape = x.shape
    split = x.reshape(*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :])
    return split.transpose(axis, axis + 1).reshape(shape)
