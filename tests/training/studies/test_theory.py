"""The theory of signals in wide networks, against what can be had in closed form or by drawing."""

import math

import numpy as np
import pytest

from resdsl.training.studies import theory


@pytest.mark.parametrize(("start", "factor"), [("xavier", 0.5), ("he", 1.0)])
def test_relu_halves_or_keeps_the_mean_square_in_each_layer(start: str, factor: float) -> None:
    squares = theory.forward(start, "relu", 3.0, 20)
    assert squares == pytest.approx([3.0 * factor**i for i in range(20)], rel=1e-12)
    gradients = theory.backward(start, "relu", squares, 0.2)
    assert gradients == pytest.approx([0.2 * factor ** (19 - i) for i in range(20)], rel=1e-12)


@pytest.mark.parametrize("start", ["xavier", "he"])
def test_tanh_is_linear_near_zero(start: str) -> None:
    squares = theory.forward(start, "tanh", 1e-12, 5)
    assert theory.per_layer(squares) == pytest.approx(theory.SCALES[start], rel=1e-9)
    gradients = theory.backward(start, "tanh", squares, 1.0)
    assert 1 / theory.per_layer(gradients) == pytest.approx(theory.SCALES[start], rel=1e-9)


def test_tanh_loses_a_cube_of_its_variance_under_xavier() -> None:
    """tanh(z)^2 = z^2 - 2/3 z^4 + ..., and E z^4 = 3 q^2."""
    q = 1e-4
    assert theory.forward("xavier", "tanh", q, 2)[1] == pytest.approx(q - 2 * q**2, rel=1e-7)


def test_tanh_under_he_comes_to_rest() -> None:
    last = theory.forward("he", "tanh", 5.0, 200)[-1]
    assert 2 * theory.mean_square(np.tanh, last) == pytest.approx(last, rel=1e-9)
    draws = np.random.default_rng(0).normal(0, math.sqrt(last), 4_000_000)
    assert 2 * np.mean(np.tanh(draws) ** 2) == pytest.approx(last, rel=2e-3)


def test_means_of_squares_are_those_of_a_normal_variable() -> None:
    assert theory.mean_square(lambda z: z, 0.7) == pytest.approx(0.7, rel=1e-12)
    assert theory.mean_square(lambda z: z**3, 1.0) == pytest.approx(15, rel=1e-9)


def test_the_first_layer_has_a_fan_in_of_its_own() -> None:
    """Variance 2 / (64 + 512) of 64 weights, and 2 / 64."""
    assert theory.first_scale("xavier", 64, 512) == pytest.approx(64 * 2 / 576)
    assert theory.first_scale("he", 64, 512) == 2


def test_batch_norm_makes_gradients_grow() -> None:
    """By the variance that ReLU leaves of a normal one, and the half that it hands back."""
    z = np.random.default_rng(0).normal(size=4_000_000)
    relu = np.maximum(z, 0)
    drawn = math.sqrt(np.mean(z > 0) / relu.var())
    assert theory.batch_norm_growth() == pytest.approx(drawn, rel=1e-3)


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_taps_on_the_map_are_counted(size: int) -> None:
    seen = [
        0 <= row + i < size and 0 <= column + j < size
        for row in range(size)
        for column in range(size)
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
    ]
    assert theory.seen_taps(size) == pytest.approx(np.mean(seen))
