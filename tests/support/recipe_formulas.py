"""The formulas of `resdsl.recipes.recipe` in NumPy, read from its docstrings: the loss with its
gradient, and what a step makes of gradients. Gradients of weights come from elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from resdsl.recipes.recipe import AdamW, Recipe, Sgd

Array = np.ndarray[Any, Any]
Arrays = dict[str, Array]


def loss_of(logits: Array, labels: Array, recipe: Recipe) -> tuple[float, Array, int]:
    """The mean loss, its gradient by the logits, and the number of right answers."""
    count, classes = logits.shape
    targets = np.eye(classes)[labels] if labels.ndim == 1 else labels.astype(np.float64)
    right = int((logits.argmax(1) == targets.argmax(1)).sum())
    smoothing = recipe.loss.label_smoothing
    targets = (1 - smoothing) * targets + smoothing / classes
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    shares = exponentials / exponentials.sum(1, keepdims=True)
    loss = -(targets * np.log(shares)).sum(1).mean()
    return float(loss), (shares * targets.sum(1, keepdims=True) - targets) / count, right


class Formulas:
    """A state as trainers keep it, and its updates; `spared` are parameters without decay."""

    def __init__(
        self,
        recipe: Recipe,
        weights: Mapping[str, Array],
        parameters: Sequence[str],
        spared: Sequence[str],
    ) -> None:
        self.recipe, self.parameters, self.spared = recipe, parameters, spared
        self.step = 0
        self.weights = {name: value.copy() for name, value in weights.items()}
        self.average = {name: value.copy() for name, value in weights.items()}
        self.first = {name: np.zeros_like(weights[name]) for name in parameters}
        self.second = {name: np.zeros_like(weights[name]) for name in parameters}

    def update(self, parts: Sequence[Arrays], rate: float) -> None:
        """One step from the gradients of each micro-batch."""
        gradients = {n: sum(part[n] for part in parts) / len(parts) for n in self.parameters}
        if self.recipe.clip is not None:
            norm = sum(float((g**2).sum()) for g in gradients.values()) ** 0.5
            shrink = min(1.0, self.recipe.clip.norm / (norm + 1e-6))
            gradients = {name: shrink * g for name, g in gradients.items()}
        for name in self.parameters:
            decay = 0.0 if name in self.spared else self.recipe.optimizer.weight_decay
            self._update(name, gradients[name], rate, decay)
        self.step += 1
        if self.recipe.average is not None:
            a = self.recipe.average.decay
            for name, weight in self.weights.items():
                self.average[name] = a * self.average[name] + (1 - a) * weight

    def _update(self, name: str, g: Array, rate: float, decay: float) -> None:
        o, p = self.recipe.optimizer, self.weights[name]
        if isinstance(o, Sgd):
            d = g + decay * p
            b = self.first[name] = o.momentum * self.first[name] + d
            self.weights[name] = p - rate * (d + o.momentum * b if o.nesterov else b)
            return
        m = self.first[name] = o.beta1 * self.first[name] + (1 - o.beta1) * g
        v = self.second[name] = o.beta2 * self.second[name] + (1 - o.beta2) * g * g
        t = self.step + 1
        p = p - rate * decay * p
        m, v = m / (1 - o.beta1**t), v / (1 - o.beta2**t)
        self.weights[name] = p - rate * m / (np.sqrt(v) + o.eps)

    def state(self) -> Arrays:
        """Under the names that trainers save it by."""
        groups = {"weights": self.weights}
        if isinstance(self.recipe.optimizer, AdamW):
            groups |= {"first_moment": self.first, "second_moment": self.second}
        elif self.recipe.optimizer.momentum:
            groups["momentum"] = self.first
        if self.recipe.average is not None:
            groups["average"] = self.average
        state = {f"{g}/{name}": v for g, values in groups.items() for name, v in values.items()}
        return state | {"step": np.array(self.step)}
