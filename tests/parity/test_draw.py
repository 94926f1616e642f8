"""Seeded numbers: the same for the same seed, and telling ones."""

from collections.abc import Callable

import numpy as np
import pytest

from resdsl.ir.graph import Graph
from resdsl.parity import draw
from resdsl.parity.facts import facts_of

Network = Callable[[str], Graph]


def test_batches_depend_on_seed_and_step_alone(small: Graph) -> None:
    facts = facts_of(small)
    for make in (draw.noise, draw.targets, draw.masks):
        first = make(facts, 64, 0, 7)
        for name, array in make(facts, 64, 0, 7).items():
            assert np.array_equal(array, first[name])
        for other in (make(facts, 64, 1, 7), make(facts, 64, 0, 8)):
            assert all(not np.array_equal(other[name], first[name]) for name in first)


def test_masks_keep_the_share_that_is_not_dropped(small: Graph) -> None:
    masks = draw.masks(facts_of(small), 1000, 0, 0)
    assert set(masks) == {"drop"} and masks["drop"].shape == (1000, 16)
    assert set(np.unique(masks["drop"])) == {0, 1}
    assert masks["drop"].mean() == pytest.approx(0.7, abs=0.02)


def test_targets_of_a_classifier_are_smoothed_probabilities(small: Graph) -> None:
    facts = facts_of(small)
    assert draw.loss_name(facts) == "cross_entropy"
    (targets,) = draw.targets(facts, 256, 0, 0).values()
    assert targets.shape == (256, 10)
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(np.unique(targets), [0.01, 0.91], rtol=1e-6)
    assert set(targets.argmax(axis=1)) == set(range(10))


def test_other_outputs_have_a_mean_square(dense: Graph) -> None:
    facts = facts_of(dense)
    assert draw.loss_name(facts) == "mean_square"
    (targets,) = draw.targets(facts, 2, 0, 0).values()
    assert targets.shape == (2, 4, 12, 12)


def test_no_starting_weight_is_a_plain_one_or_zero(small: Graph) -> None:
    weights = dict(draw.starting_weights(small, 0))
    assert list(weights) == [w.name for w in small.weights]
    for named in small.weights:
        array = weights[named.name]
        assert array.shape == named.weight.shape and array.dtype == np.float32
        assert len(np.unique(array)) > 0.9 * array.size, f"{named.name} repeats itself"
        assert 0 not in array and 1 not in array
    assert all((weights[name] >= 1).all() for name in weights if name.endswith("running_var"))


def test_residual_branches_start_small(small: Graph) -> None:
    weights = dict(draw.starting_weights(small, 0))
    assert abs(weights["layer1.0.bn2.weight"]).max() < 0.5
    assert abs(weights["layer2.0.downsample.1.weight"]).max() > 0.8


def test_two_channels_are_loud_where_a_relu6_could_stand(network: Network) -> None:
    graph = network(
        """
        input(3, 8, 8)
        a: conv(8, 3); near: batch_norm
        b: { max_pool(2); relu6 }
        c: conv(8, 3); far: batch_norm
        sigmoid
        """
    )
    weights = dict(draw.starting_weights(graph, 0))
    first, *others, last = weights["near.weight"]
    assert first > 2 and last < -2 and max(others) < 2
    assert abs(weights["far.weight"]).max() < 2


def test_starting_weights_keep_the_declared_distributions(network: Network) -> None:
    graph = network("input(3, 8, 8); a: conv(64, 3, init = normal(0.01)); flatten; b: linear(4)")
    weights = dict(draw.starting_weights(graph, 0))
    assert weights["a.weight"].std() == pytest.approx(0.01, rel=0.1)
