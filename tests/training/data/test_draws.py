"""Random numbers follow from the seed, the epoch and the sample."""

import numpy as np
import pytest

from resdsl.training.data.draws import Draws, key_of, permutation, philox

ONES = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((ONES,) * 4, (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_is_that_of_its_authors(
    counter: tuple[int, ...], key: tuple[int, int], words: tuple[int, ...]
) -> None:
    """The known answers of Random123, for philox4x32-10."""
    found = philox(np.array(counter, np.uint64)[:, None], key)
    assert tuple(int(word) for word in found[:, 0]) == words


def test_a_sample_draws_alone_what_it_draws_in_company() -> None:
    samples = np.array([3, 0, 99, 1_281_166, 3])
    together = Draws((1, 2), 7, samples)
    rows = np.stack([together.random(5) for _ in range(23)], axis=1)
    for sample, row in zip(samples, rows, strict=True):
        alone = Draws((1, 2), 7, np.array([sample]))
        assert [float(alone.random(1)[0]) for _ in range(23)] == list(row)
    for one, row in zip(Draws((1, 2), 7, samples).each(), rows, strict=True):
        assert [float(one.random(1)[0]) for _ in range(23)] == list(row)
    assert len(np.unique(rows)) == 4 * 23  # One sample stands there twice.


def test_other_keys_epochs_and_samples_are_other_streams() -> None:
    streams = [
        float(Draws(key_of(seed, use), epoch, np.array([sample])).random(1)[0])
        for seed in (0, 1)
        for use in ("train", "test")
        for epoch in (0, 1)
        for sample in (0, 1)
    ]
    assert len(set(streams)) == 16


def test_numbers_fill_the_unit_interval_evenly() -> None:
    draws = Draws(key_of(0, "train"), 0, np.arange(100_000))
    first, second = draws.random(100_000), draws.random(100_000)
    for numbers in (first, second):
        assert 0 <= numbers.min() < 1e-3 and 1 - 1e-3 < numbers.max() < 1
        assert abs(numbers.mean() - 0.5) < 0.005 and abs(numbers.var() - 1 / 12) < 0.001
        counts = np.bincount((numbers * 16).astype(int), minlength=16)
        assert np.abs(counts / 6250 - 1).max() < 0.05
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.02


def test_as_many_numbers_as_samples() -> None:
    with pytest.raises(ValueError, match="3 numbers for 2 samples"):
        Draws((0, 0), 0, np.arange(2)).random(3)
    with pytest.raises(ValueError, match="2 numbers for one sample"):
        Draws((0, 0), 0, np.arange(2)).each()[0].random(2)


def test_an_order_holds_every_sample_once() -> None:
    orders = [permutation(seed, epoch, 1000) for seed in (0, 1) for epoch in (0, 1, 2)]
    for order in orders:
        assert np.array_equal(np.sort(order), np.arange(1000))
    assert len({order.tobytes() for order in orders}) == 6
    for order in orders:
        assert abs(np.corrcoef(order, np.arange(1000))[0, 1]) < 0.12
