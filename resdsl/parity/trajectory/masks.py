"""Masks for the dropouts of a trainer: the same in every framework, drawn in each worker."""

from __future__ import annotations

from collections import Counter

from resdsl.codegen.runtime import Array, Facts
from resdsl.parity.draw import mask


class Masks:
    """A `MaskSource`. What it draws follows from the seed, the layer, the step, and the part of the
    batch, where a recipe cuts each into several."""

    def __init__(self, facts: Facts, seed: int) -> None:
        self._dropouts = {fact.name: fact for fact in facts.dropouts}
        self._rates = facts.rates
        self._seed = seed
        self._step = 0
        self._asked: Counter[str] = Counter()

    def begin(self, step: int) -> None:
        """Go on to a step, counted from 0."""
        self._step = step
        self._asked.clear()

    def __call__(self, name: str, samples: int) -> Array:
        part = self._asked[name]
        self._asked[name] += 1
        when = f"{self._step} {part}"
        return mask(self._dropouts[name], self._rates[name], samples, when, self._seed)
