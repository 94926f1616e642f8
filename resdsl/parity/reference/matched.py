"""Chooses the map of names: the first one under which the numbers agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from resdsl.codegen.runtime import Network
from resdsl.parity.reference.problems import unconfirmed, unfit
from resdsl.records import dataclass
from resdsl.weights.description import Description
from resdsl.weights.matching import Match, Unmatched, matches, unmatched
from resdsl.weights.name_maps import check_map

#: An output so near confirms a map: weights are drawn, no two alike, and one in a wrong place moves
#: the output further. What a wrong epsilon does is mostly below it, and is for the comparison.
CONFIRMED = 1e-4
#: Maps that are tried.
MOST = 24


@dataclass(frozen=True, slots=True)
class Candidate:
    """A map of names, the user's network under it, and how far its output is from the network's."""

    match: Match
    network: Network
    error: float


def matched(
    ours: Description,
    theirs: Description,
    names: Mapping[str, str] | None,
    test: Callable[[Match], Candidate],
    tell: Callable[[Match], None],
) -> Candidate:
    """The candidate to compare: by the user's map, or one that the output confirms, or one beside
    which there is no other. Raises `CompileError` where there is none; `tell` has then heard which
    map came closest."""
    tried: list[Candidate] = []
    for match in islice(_proposals(ours, theirs, names), MOST):
        candidate = test(match)
        if candidate.error <= CONFIRMED:
            tell(match)
            return candidate
        tried.append(candidate)
    certain = next((c.match for c in tried if c.match.is_certain), None)
    if certain is None:
        closest = min(tried, key=lambda c: c.error)
        tell(closest.match)
        raise unconfirmed(closest.match, len(tried), closest.error)
    # Once more, because candidates share the module and its weights.
    candidate = test(certain)
    tell(certain)
    return candidate


def _proposals(
    ours: Description, theirs: Description, names: Mapping[str, str] | None
) -> Iterator[Match]:
    if names is not None:
        yield _given(ours, theirs, names)
        return
    over = unmatched(ours, theirs)
    if over:
        raise unfit(over)
    yield from matches(ours, theirs)


def _given(ours: Description, theirs: Description, names: Mapping[str, str]) -> Match:
    """The user's map, once it has every weight and none of another shape."""
    left = {tensor.name: tensor for tensor in ours.tensors}
    right = {tensor.name: tensor for tensor in theirs.tensors}
    check_map(names, list(right), list(left))
    wrong = [
        (left[b], right[a])
        for a, b in names.items()
        if (left[b].core, left[b].trainable) != (right[a].core, right[a].trainable)
    ]
    if wrong:
        raise unfit(Unmatched(*(tuple(side) for side in zip(*wrong, strict=True))))
    return Match(names, "file")
