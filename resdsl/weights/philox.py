"""Random words: one stream for every weight, found by the seed and the weight's canonical name.

A layer added or taken away changes the numbers of no other. The bits come from Philox 4x64-10
(Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), whose raw stream NumPy keeps
stable; NumPy's distributions may change and are not used.
"""

from __future__ import annotations

import hashlib

import numpy as np

from resdsl.weights.arrays import Ints


class Stream:
    """The random numbers of one weight: whole numbers of 32 bits with sign, one for each entry."""

    def __init__(self, seed: int, name: str) -> None:
        # Changing this text changes every network's weights: it is part of what a seed means.
        digest = hashlib.sha256(f"resdsl weights 1\n{seed}\n{name}".encode()).digest()
        key = np.frombuffer(digest[:16], "<u8").astype(np.uint64)
        self._generator = np.random.Philox(key=key)

    def take(self, count: int) -> Ints:
        """The next `count` numbers, the low half of each word before the high one.

        An odd `count` leaves half a word unused.
        """
        words = np.asarray(self._generator.random_raw((count + 1) // 2), "<u8")
        return words.view("<i4")[:count]
