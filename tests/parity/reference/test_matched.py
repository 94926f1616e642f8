"""The choice of a map by the numbers, with numbers made by hand."""

from typing import Any, cast

import pytest

from resdsl.diagnostics import CompileError
from resdsl.parity.reference.matched import Candidate, matched
from resdsl.weights.description import Description, tensors_of
from resdsl.weights.matching import Match


def twins(*names: str) -> Description:
    """Two layers that read the input and make the output."""
    tensors = tensors_of((f"{name}.weight", (4, 4), True) for name in names)
    edges = {name: frozenset({"<input 0>"}) for name in names}
    return Description(tensors, edges | {"<output 0>": frozenset(names)})


class Numbers:
    """Says how far each map is from the network; remembers what it was told."""

    def __init__(self, right: dict[str, str] | None) -> None:
        self.right = right
        self.told: list[Match] = []

    def test(self, match: Match) -> Candidate:
        error = 1e-15 if match.names == self.right else 0.5
        return Candidate(match, cast(Any, None), error)


OURS, THEIRS = twins("query", "key"), twins("a", "b")


def test_the_first_order_that_agrees_is_taken() -> None:
    numbers = Numbers({"b.weight": "query.weight", "a.weight": "key.weight"})
    found = matched(OURS, THEIRS, None, numbers.test, numbers.told.append)
    assert found.match.names == numbers.right and numbers.told == [found.match]


def test_no_order_agrees() -> None:
    numbers = Numbers(None)
    with pytest.raises(CompileError) as caught:
        matched(OURS, THEIRS, None, numbers.test, numbers.told.append)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0642"
    assert diagnostic.message == (
        "your module computes something else with the network's weights: 2 orders were tried, and "
        "the closest output is 5.0e-01 away"
    )
    assert diagnostic.notes == ("`a`, `b` for `query`, `key`: only an order tells them apart",)
    assert diagnostic.help is not None and "--names names.json" in diagnostic.help
    assert len(numbers.told) == 1


def test_a_map_that_is_given_is_taken_as_it_is() -> None:
    numbers = Numbers(None)
    given = {"a.weight": "query.weight", "b.weight": "key.weight"}
    found = matched(OURS, THEIRS, given, numbers.test, numbers.told.append)
    assert (found.match.how, found.match.names, found.error) == ("file", given, 0.5)


def test_a_map_beside_which_there_is_no_other_needs_no_numbers() -> None:
    numbers = Numbers(None)
    one = Description(tensors_of([("a.weight", (3, 2), True)]), {})
    other = Description(tensors_of([("b.weight", (3, 2), True)]), {})
    found = matched(one, other, None, numbers.test, numbers.told.append)
    assert found.match.names == {"b.weight": "a.weight"}


def test_a_map_with_a_wrong_shape_is_refused() -> None:
    other = Description(tensors_of([("a.weight", (4, 4), True), ("b.weight", (4, 5), True)]), {})
    given = {"a.weight": "query.weight", "b.weight": "key.weight"}
    with pytest.raises(CompileError) as caught:
        matched(OURS, other, given, Numbers(None).test, lambda match: None)
    assert caught.value.diagnostics[0].code == "R0641"


def test_weights_without_a_counterpart_are_listed_with_the_nearest() -> None:
    body = [("stem.weight", (8, 3), True)]
    mine = Description(
        tensors_of([*body, ("fc.weight", (10, 8), True), ("fc.bias", (10,), True)]), {}
    )
    yours = Description(
        tensors_of([*body, ("head.weight", (7, 8), True), ("head.bias", (7,), True)]), {}
    )
    with pytest.raises(CompileError) as caught:
        matched(mine, yours, None, Numbers(None).test, lambda match: None)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0641"
    assert diagnostic.message == (
        "2 weights of the network and 2 weights of your module have no counterpart"
    )
    assert diagnostic.notes == (
        "the network's `fc.weight` (10 x 8): the nearest is `head.weight` (7 x 8)",
        "the network's `fc.bias` (10): the nearest is `head.bias` (7)",
        "your `head.weight` (7 x 8): the nearest is `fc.weight` (10 x 8)",
        "your `head.bias` (7): the nearest is `fc.bias` (10)",
    )
