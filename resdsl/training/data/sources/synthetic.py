"""Seeded noise with random labels: nothing to learn, and nothing to wait for."""

from __future__ import annotations

from math import prod

import numpy as np

from resdsl.recipes.recipe import Synthetic
from resdsl.training.data.dataset import Dataset, Memory, described
from resdsl.training.data.draws import bits
from resdsl.training.data.problems import last, unrunnable


def open_synthetic(data: Synthetic, shape: tuple[int, ...], outputs: int, seed: int) -> Dataset:
    """`data.samples` samples for training, and a quarter of that for the test, as random bytes."""
    if data.samples < 1:
        raise unrunnable(f"{data.samples} synthetic samples are none")
    parts = (
        _noise(shape, outputs, samples, seed, use)
        for samples, use in ((data.samples, "train"), (max(1, data.samples // 4), "test"))
    )
    return described("synthetic noise", outputs, parts)


def _noise(shape: tuple[int, ...], classes: int, samples: int, seed: int, use: str) -> Memory:
    size = samples * prod(shape)
    words = bits(seed, f"synthetic {use}").random_raw((size + 7) // 8)
    array = words.astype("<u8").view(np.uint8)[:size].reshape(samples, *last(shape))
    labels = bits(seed, f"synthetic {use} labels").random_raw(samples) % np.uint64(classes)
    return Memory(array, labels.astype(np.int64))
