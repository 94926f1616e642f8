"""A data set as the pipeline sees it: numbered images with labels, in two parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias

import numpy as np

from resdsl.records import dataclass

Array: TypeAlias = "np.ndarray[Any, Any]"
Labels: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"


class Split(Protocol):
    """One part of a data set, open to random access."""

    @property
    def labels(self) -> Labels:
        """The class of every sample."""

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape of a sample, channels last; `None` where images differ in size."""

    def images(self, samples: Array) -> Iterable[Array]:
        """The images of these samples, bytes or float32, one after the other; as one array where
        they are of one shape.

        Raises `CompileError` where an image is damaged.
        """

    def name(self, sample: int) -> str:
        """What a message calls a sample: its file, or its number."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Samples held in memory: N x height x width x channels, N x length x channels, or rows."""

    array: Array
    labels: Labels

    @property
    def shape(self) -> tuple[int | None, ...]:
        return tuple(self.array.shape[1:])

    def images(self, samples: Array) -> Array:
        found: Array = self.array[samples]
        return found

    def name(self, sample: int) -> str:
        return f"sample {sample}"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Two parts of samples of `classes` classes, and what they are in words.

    `skipped` images could not be decoded and belong to neither part.
    """

    train: Split
    test: Split
    classes: int
    description: str
    skipped: int = 0


def described(what: str, classes: int, parts: Iterable[Split], skipped: int = 0) -> Dataset:
    """A data set of two parts, with their sizes in words."""
    train, test = parts
    sizes = f"{len(train.labels):,} training and {len(test.labels):,} test samples"
    left_out = f"; {skipped:,} damaged left out" if skipped else ""
    return Dataset(train, test, classes, f"{what}: {sizes}{left_out}", skipped)
