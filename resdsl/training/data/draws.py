"""Random numbers that follow from the seed, the epoch and the sample, and from nothing else.

Every sample has a stream of its own in every epoch, whatever the batch, the shard or the process
it is drawn in. The streams are those of Philox 4x32-10 (Salmon et al. 2011, "Parallel random
numbers: as easy as 1, 2, 3"), a function of a key and a counter: the key is the seed's, the counter
is (block, sample, epoch). One call computes them for a whole batch, where a generator object for
each sample would take longer than the augmentation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from resdsl.training.data.dataset import Array

Words: TypeAlias = "np.ndarray[Any, np.dtype[np.uint64]]"

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10


class Draws:
    """Random numbers for a batch of samples: a stream of its own for each.

    `random` is called like a NumPy generator's. Call k gives every sample the k-th number of its
    stream, so that a sample alone gets what it gets within a batch.
    """

    def __init__(self, key: tuple[int, int], epoch: int, samples: Array) -> None:
        self._key = key
        self._epoch = epoch
        self._samples = np.asarray(samples, np.uint64)
        self._numbers: list[Array] = []  # The k-th of every sample.
        self._calls = 0

    def random(self, size: int) -> Array:
        """One number in [0, 1) for each sample; `size` is their count."""
        if size != len(self._samples):
            raise ValueError(f"{size} numbers for {len(self._samples)} samples")
        self._calls += 1
        return self._number(self._calls - 1)

    def each(self) -> list[One]:
        """The streams of the samples one by one."""
        return [One(self._number, row) for row in range(len(self._samples))]

    def _number(self, call: int) -> Array:
        while call >= len(self._numbers):
            zeros = np.zeros_like(self._samples)
            block = zeros + len(self._numbers) // 4
            words = philox(np.stack([block, self._samples, zeros + self._epoch, zeros]), self._key)
            self._numbers += list(words * 2.0**-32)
        return self._numbers[call]


class One:
    """The random numbers of one sample of a batch."""

    def __init__(self, number: Callable[[int], Array], row: int) -> None:
        self._number = number
        self._row = row
        self._calls = 0

    def random(self, size: int) -> Array:
        """The next number in [0, 1), as an array of one; `size` is 1."""
        if size != 1:
            raise ValueError(f"{size} numbers for one sample")
        self._calls += 1
        return self._number(self._calls - 1)[self._row : self._row + 1]


def philox(counter: Words, key: tuple[int, int]) -> Words:
    """Philox 4x32-10 of each column of `counter` (4 x N words of 32 bits)."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(_ROUNDS):
        left, right = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            (right >> _HALF) ^ c1 ^ np.uint64(k0),
            right & _LOW,
            (left >> _HALF) ^ c3 ^ np.uint64(k1),
            left & _LOW,
        )
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3])


def key_of(seed: int, use: str) -> tuple[int, int]:
    """The key of one use of the seed: two words of 32 bits."""
    digest = _digest(seed, use)
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


def permutation(seed: int, epoch: int, samples: int) -> Array:
    """All samples in the order of one epoch.

    They are sorted by raw random words, because NumPy promises those to stay as they are, and not
    its shuffling.
    """
    words = bits(seed, f"order of epoch {epoch}").random_raw(samples)
    return np.argsort(words, kind="stable")


def bits(seed: int, use: str) -> np.random.Philox:
    """NumPy's generator of raw words for one use of the seed."""
    return np.random.Philox(key=np.frombuffer(_digest(seed, use)[:16], "<u8").astype(np.uint64))


def _digest(seed: int, use: str) -> bytes:
    # Changing this text changes every run: it is part of what a seed means.
    return hashlib.sha256(f"resdsl data 1\n{seed}\n{use}".encode()).digest()
