"""What a look into a network gives: its tensors and gradients, layer by layer.

Stands beside `Backend`, below the backends whose `observer` looks: arrays in and out, layers under
their canonical paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from resdsl.records import dataclass

if TYPE_CHECKING:
    import numpy as np

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Observation(Generic[S]):
    """One forward and backward pass in training mode.

    `outputs` and `gradients` hold a summary for each point: of what the layer gives, N x channels
    x ..., and of the gradient of the batch's mean loss by it. `parameters` are that loss's
    gradients by parameters, under canonical names.
    """

    loss: float
    outputs: Mapping[str, S]
    gradients: Mapping[str, S]
    parameters: Mapping[str, np.ndarray[Any, Any]]


class Observer(Protocol):
    """What `Backend.observer` names."""

    def __call__(
        self,
        model: Any,
        images: np.ndarray[Any, Any],
        labels: np.ndarray[Any, Any],
        points: Sequence[str],
        summary: Callable[[np.ndarray[Any, Any]], S],
    ) -> Observation[S]:
        """Look into a live model, which stays as it is. Images have their channels last; the loss
        is the cross entropy with `labels`; `points` are canonical paths of layers."""
