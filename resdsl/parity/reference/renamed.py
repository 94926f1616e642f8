"""A network under other names: the user's, seen under canonical ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from resdsl.codegen.foreign import Dropping
from resdsl.codegen.runtime import (
    Array,
    Arrays,
    Batch,
    Facts,
    Network,
    Outcome,
    TensorFact,
    Unavailable,
    Update,
    WeightFact,
)
from resdsl.records import replace


def masks_of(facts: Facts, dropping: Sequence[Dropping]) -> dict[str, str]:
    """Canonical names of masks, and theirs: layers that draw masks are taken in order.

    Raises `Unavailable` where there are more on one side than on the other.
    """
    ours = facts.masked
    if len(ours) != len(dropping):
        raise Unavailable(
            f"your module has {_count(len(dropping))} that draw masks, and the network has "
            f"{_count(len(ours))}: {', '.join(ours) or 'none'}",
            "parity puts the same masks into dropout and stochastic depth; a rate of 0 is none",
        )
    return {
        name: name.replace(path, layer.name, 1)
        for (path, names), layer in zip(ours.items(), dropping, strict=True)
        for name in names
    }


def _count(number: int) -> str:
    return "one layer" if number == 1 else f"{number} layers"


def facts_under(
    facts: Facts,
    names: Mapping[str, str],
    shapes: Mapping[str, tuple[int, ...]],
    masks: Mapping[str, str],
    dropping: Sequence[Dropping],
) -> Facts:
    """The facts with their names, shapes and rates; `names` leads from theirs to canonical ones."""
    theirs = {ours: name for name, ours in names.items()}
    return replace(
        facts,
        weights=tuple(
            WeightFact(theirs[w.name], shapes[theirs[w.name]], w.trainable) for w in facts.weights
        ),
        dropouts=tuple(TensorFact(masks[d.name], d.shape) for d in facts.dropouts),
        rates={layer.name: layer.rate for layer in dropping},
    )


class Renamed:
    """The user's network under canonical names, with arrays in canonical shapes."""

    def __init__(
        self, network: Network, facts: Facts, names: Mapping[str, str], masks: Mapping[str, str]
    ) -> None:
        self._network = network
        self._names = names
        self._theirs = {ours: theirs for theirs, ours in names.items()}
        self._shapes = {weight.name: weight.shape for weight in facts.weights}
        self._masks = masks

    def infer(self, inputs: Arrays) -> Arrays:
        return self._network.infer(inputs)

    def step(self, batch: Batch, update: Update) -> Outcome:
        masks = {self._masks[name]: mask for name, mask in batch.masks.items()}
        outcome = self._network.step(replace(batch, masks=masks), update)
        theirs = outcome.gradients
        if theirs is None:
            return outcome
        copies: Callable[[], Iterator[tuple[str, Array]]] = theirs
        return replace(outcome, gradients=lambda: self._canonical(copies()))

    def state(self, names: frozenset[str]) -> Iterator[tuple[str, Array]]:
        return self._canonical(self._network.state(frozenset(self._theirs[n] for n in names)))

    def _canonical(self, arrays: Iterator[tuple[str, Array]]) -> Iterator[tuple[str, Array]]:
        for theirs, array in arrays:
            name = self._names[theirs]
            yield name, array.reshape(self._shapes[name])
