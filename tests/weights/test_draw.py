"""Drawing: the same bytes everywhere, and the distributions that were declared."""

import hashlib
import math
from statistics import NormalDist

import numpy as np
import pytest

from resdsl.ops import Constant, Initializer, Normal, Uniform, VarianceScaling, Weight
from resdsl.weights import draw
from resdsl.weights.initialize import BLOCK
from resdsl.weights.normal import WITHIN_TWO, NormalTransform
from resdsl.weights.philox import Stream

HE = VarianceScaling(2.0, "out", "normal")


def sample(init: Initializer, count: int = 1 << 20, **fans: int) -> np.ndarray:
    return draw(Weight("weight", (count,), init, **fans), "test.weight", 0).astype(np.float64)


# Committed once. If one of these changes, every seed of every user means other weights.
@pytest.mark.parametrize(
    ("init", "shape", "seed", "checksum"),
    [
        (HE, (64, 3, 7, 7), 0, "dce9679087dd7fb2"),
        (HE, (64, 3, 7, 7), 1, "94fa8cd1f89b6cb0"),
        (
            VarianceScaling(2.0, "in", "normal", truncated=True),
            (512, 512, 3, 3),
            0,
            "7d4bd400ed6b6370",
        ),
        (VarianceScaling(1 / 3, "in", "uniform"), (1000, 2048), 0, "bbc7903bd5804f7c"),
        (Normal(0.01, 0.5), (11, 13), -1, "df73fcf2256e2700"),
        (Uniform(-1.0, 2.0), (3,), 2**70, "964fd113700f76fe"),
        (Constant(0.1), (5,), 0, "4961bda842a4a6cb"),
    ],
)
def test_bytes_are_fixed(
    init: Initializer, shape: tuple[int, ...], seed: int, checksum: str
) -> None:
    weight = Weight("weight", shape, init, fan_in=147, fan_out=3136)
    array = draw(weight, "layer1.0.conv1.weight", seed)
    assert array.dtype == np.float32
    assert array.shape == shape
    assert hashlib.sha256(array.astype("<f4").tobytes()).hexdigest()[:16] == checksum


def test_raw_stream_is_philox_4x64() -> None:
    # The zero vector of the Random123 distribution's kat_vectors: counter 0, key 0. NumPy counts
    # up before it draws, so that its first block is that of counter 1.
    counter = np.array([2**64 - 1] * 4, np.uint64)
    words = np.random.Philox(key=np.zeros(2, np.uint64), counter=counter).random_raw(4)
    assert [f"{word:016x}" for word in words] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]


def test_every_name_and_seed_has_its_own_stream() -> None:
    draws = [Stream(seed, name).take(4) for seed in (0, 1) for name in ("a.weight", "b.weight")]
    assert len({tuple(numbers) for numbers in draws}) == 4


def test_an_entry_depends_on_its_place_alone() -> None:
    long, short = sample(HE, 3 * BLOCK + 5), sample(HE, BLOCK + 3)
    assert (long[: len(short)] == short).all()


def test_float64_holds_the_same_numbers() -> None:
    weight = Weight("weight", (100,), HE)
    single, double = draw(weight, "a", 0), draw(weight, "a", 0, "float64")
    assert double.dtype == np.float64
    assert (single == double).all()


@pytest.mark.parametrize(
    ("init", "fans", "std"),
    [
        (Normal(2.0), {}, 2.0),
        (HE, {"fan_in": 10, "fan_out": 50}, math.sqrt(2 / 50)),
        (VarianceScaling(2.0, "in", "uniform"), {"fan_in": 8, "fan_out": 1}, 0.5),
        (VarianceScaling(1.0, "average", "normal"), {"fan_in": 6, "fan_out": 2}, 0.5),
        (VarianceScaling(2.0, "in", "normal", True), {"fan_in": 8, "fan_out": 1}, 0.5),
        (Normal(1.0, truncated=True), {}, VarianceScaling.TRUNCATED_STD),
        (Uniform(-3.0, 3.0), {}, math.sqrt(3)),
    ],
)
def test_spread(init: Initializer, fans: dict[str, int], std: float) -> None:
    values = sample(init, **fans)
    # Four standard errors of the mean, and more than four of the standard deviation.
    assert abs(values.mean()) < 4 * std / math.sqrt(len(values))
    assert values.std() == pytest.approx(std, rel=4 / math.sqrt(2 * len(values)))


def test_mean_is_added() -> None:
    assert sample(Normal(0.1, mean=5.0)).mean() == pytest.approx(5, abs=5e-4)
    assert sample(Uniform(2.0, 4.0)).mean() == pytest.approx(3, abs=3e-3)


def test_normal_has_a_normals_shape() -> None:
    values = np.sort(sample(Normal(1.0)))
    places = np.linspace(0.001, 0.999, 999)
    expected = [NormalDist().inv_cdf(p) for p in places]
    # The Kolmogorov-Smirnov distance, exceeded by one seed in a thousand.
    distances = np.abs(np.searchsorted(values, expected) / len(values) - places)
    assert distances.max() < 1.95 / math.sqrt(len(values))
    assert 4.2 < np.abs(values).max() < 6.5


def test_truncated_normal_stays_within_two_standard_deviations() -> None:
    values = sample(Normal(0.5, mean=1.0, truncated=True))
    assert np.abs(values - 1.0).max() <= 1.0
    assert np.abs(values - 1.0).max() > 0.9999
    # Beyond one standard deviation lie 31.7 % of a normal and 28.6 % of a truncated one.
    assert np.mean(np.abs(values - 1) > 0.5) == pytest.approx(0.28595, abs=2e-3)


def test_uniform_reaches_its_ends_and_not_beyond() -> None:
    values = sample(Uniform(-1.0, 3.0))
    assert -1.0 <= values.min() < -0.9999
    assert 2.9999 < values.max() <= 3.0


def test_constants_are_exact() -> None:
    assert (sample(Constant(-2.0), 10) == -2).all()
    assert (sample(Normal(0.0), 10) == 0).all()


@pytest.mark.parametrize("truncated", [False, True])
def test_transform_is_the_inverse_normal_distribution(truncated: bool) -> None:
    ends = [-(2**31), -(2**31) + 1, -1, 0, 1, 2**31 - 2, 2**31 - 1]
    inside = np.linspace(-(2**31), 2**31 - 1, 20_001).astype(np.int64)
    whole = np.concatenate([ends, inside]).astype(np.int32)
    out = np.empty(len(whole), np.float32)
    NormalTransform(len(whole), truncated).fill(whole, out)
    spread = WITHIN_TWO if truncated else 1.0
    expected = [NormalDist().inv_cdf(0.5 + (int(k) + 0.5) / 2**32 * spread) for k in whole]
    assert out == pytest.approx(np.array(expected), rel=1e-6)
