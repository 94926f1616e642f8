"""Limits from evidence: each value has its own, and luck does not make one too narrow."""

import numpy as np
import pytest

from resdsl.parity.compare import Finding
from resdsl.parity.limits import FACTOR, SPACING, Fixed, Measured, is_coarse
from resdsl.parity.perturb import fits, moved, rounded
from resdsl.parity.quantities import QUANTITIES

(GRADIENTS,) = (q for q in QUANTITIES if q.name == "gradients")


def findings(**errors: float) -> list[Finding]:
    return [Finding("gradients", name, error) for name, error in errors.items()]


def limit(measured: Measured, name: str) -> float:
    return measured.of(GRADIENTS, Finding("gradients", name, 0.0))


def test_float64_has_fixed_limits() -> None:
    assert Fixed().of(GRADIENTS, Finding("gradients", "conv1.weight", 1.0)) == 1e-11


def test_every_value_has_the_limit_of_its_own_noise() -> None:
    plain = findings(early=1e-6, middle=2e-6, late=5e-5)
    other = findings(early=1.5e-6, middle=1e-6, late=2e-5)
    measured = Measured.by("float32", [plain, other])
    assert limit(measured, "late") == pytest.approx(FACTOR * 5e-5)
    assert limit(measured, "middle") == pytest.approx(FACTOR * 2e-6)


def test_a_lucky_value_is_taken_for_a_typical_one() -> None:
    measured = Measured.by("float32", [findings(a=1e-6, b=3e-6, lucky=0.0)])
    assert limit(measured, "lucky") == pytest.approx(FACTOR * 1e-6)
    exact = Measured.by("float32", [findings(a=0.0, b=0.0, c=0.0)])
    assert limit(exact, "a") == FACTOR * SPACING["float32"]


def test_a_run_that_measured_nothing_widens_no_limit() -> None:
    broken = [Finding("gradients", "a", np.inf, "holds NaN or infinity")]
    measured = Measured.by("bfloat16", [findings(a=0.01), broken])
    assert limit(measured, "a") == pytest.approx(FACTOR * 0.01)


def test_what_says_little() -> None:
    assert is_coarse(0.02, "float32") and not is_coarse(0.005, "float32")
    assert is_coarse(1.0, "bfloat16") and not is_coarse(0.2, "bfloat16")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_moved_inputs_are_neighbours(dtype: str) -> None:
    values = np.random.default_rng(0).standard_normal((4, 3, 5)).astype(np.float32)
    values[0, 0, 0] = 0
    there = rounded(values, dtype)
    found = moved(values, dtype, seed=0, step=1)
    assert fits(there, dtype) and fits(found, dtype) and np.isfinite(found).all()
    relative = np.abs(found - there)[there != 0] / np.abs(there)[there != 0]
    assert (relative > 0).all() and (relative <= SPACING[dtype]).all()
    assert (found > there).any() and (found < there).any()
    assert not np.array_equal(found, moved(values, dtype, seed=0, step=2))


def test_rounding_to_bfloat16_is_to_nearest_even() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    values = np.random.default_rng(1).standard_normal(10_000).astype(np.float32)
    values[:3] = np.array([1.00390625, 1.01171875, -3.0], np.float32)
    expected = values.astype(ml_dtypes.bfloat16).astype(np.float32)
    assert np.array_equal(rounded(values, "bfloat16"), expected)
    assert not fits(values, "bfloat16") and fits(values, "float32")


def test_moved_inputs_of_float64() -> None:
    values = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    found = moved(values, "float64", seed=0, step=1)
    assert found.dtype == np.float64
    relative = np.abs(found - values) / np.abs(values)
    assert (relative > 0).all() and (relative <= 2.0**-52).all()
    assert (found > values).any() and (found < values).any()
