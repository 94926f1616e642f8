"""Batches, each a function of the seed and the step: the step is the whole position in the data.

An epoch is floor(samples / batch) steps of a permutation of its own. Sample and epoch decide how a
sample is augmented, step and seed how a batch is mixed. Batches are made ahead of their use, by a
thread of this process or by worker processes, and none of that changes a byte of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from resdsl.recipes.recipe import Recipe, Transform
from resdsl.training.data import augment
from resdsl.training.data.dataset import Array, Dataset, Split
from resdsl.training.data.draws import Draws, One, key_of, permutation
from resdsl.training.data.problems import check_shape, last, unrunnable

if TYPE_CHECKING:
    from resdsl.training.data.ahead import Batches

#: This process among those that share a batch, and how many they are.
Shard = tuple[int, int]
Batch = tuple[Array, Array]


class Pipeline:
    """The batches of one recipe over one data set, for a network with inputs of `shape` (channels
    first).

    Raises `CompileError` (R0805, R0806) if the samples do not come out in that shape, or are too
    few for a batch.
    """

    def __init__(self, dataset: Dataset, recipe: Recipe, shape: tuple[int, ...]) -> None:
        self._dataset = dataset
        self._recipe = recipe
        self._wanted = last(shape)
        self._check()
        #: Steps in an epoch: what is left over is dropped, other samples every epoch.
        self.steps_per_epoch = len(dataset.train.labels) // recipe.data.batch
        self._keys = {part: key_of(recipe.seed, f"draws {part}") for part in ("train", "test")}
        self._order: tuple[int, Array] = (-1, np.empty(0, np.int64))

    def batches(self, start: int, end: int, shard: Shard = (0, 1), workers: int = 0) -> Batches:
        """The batches of the steps from `start` to before `end`, in order.

        Images are float32 with channels last, labels N class numbers, or N x classes float32 where
        the recipe mixes images. `shard` (rank, world) has its part of every micro-batch. With
        `workers`, that many processes make them; they end when the iterator is closed.
        """
        self._check_shard(self._recipe.data.batch, self._recipe.accumulate, shard)
        make = partial(self.batch, shard=shard)
        return self._ahead(make, start, end, workers, self._dataset.train)

    def test_batches(
        self, batch: int | None = None, shard: Shard = (0, 1), workers: int = 0
    ) -> Batches:
        """The whole test set in order, once, in batches of the same size: what fills the last one
        up is zeros with the label -1."""
        batch = self._recipe.data.batch if batch is None else batch
        self._check_shard(batch, 1, shard)
        count = -(-len(self._dataset.test.labels) // batch)
        make = partial(self._test_batch, batch=batch, shard=shard)
        return self._ahead(make, 0, count, workers, self._dataset.test)

    def batch(self, step: int, shard: Shard = (0, 1)) -> Batch:
        """The batch of one step, or its part for `shard`."""
        recipe, train = self._recipe, self._dataset.train
        epoch, place = divmod(step, self.steps_per_epoch)
        own = positions(recipe.data.batch, recipe.accumulate, shard)
        needed = own
        if recipe.mix is not None and shard[1] > 1:
            # Every image with its other at the batch's other end, so that this array in reverse is
            # what the whole batch in reverse would be here.
            needed = np.concatenate([own, recipe.data.batch - 1 - own[::-1]])
        samples = self._order_of(epoch)[place * recipe.data.batch + needed]
        images = self._images(train, samples, recipe.augment, epoch, "train")
        labels: Array = train.labels[samples]
        if recipe.mix is None:
            return images, labels
        ones = np.zeros((len(labels), self._dataset.classes), np.float32)
        ones[np.arange(len(labels)), labels] = 1
        images, labels = augment.mixed(images, ones, recipe.mix, recipe.seed, step)
        return images[: len(own)], labels[: len(own)]

    def _test_batch(self, step: int, batch: int, shard: Shard) -> Batch:
        test = self._dataset.test
        samples = step * batch + positions(batch, 1, shard)
        there = samples[samples < len(test.labels)]
        images = np.zeros((len(samples), *self._wanted), np.float32)
        labels = np.full(len(samples), -1, np.int64)
        if len(there):
            images[: len(there)] = self._images(test, there, self._recipe.evaluate, 0, "test")
            labels[: len(there)] = test.labels[there]
        return images, labels

    def _images(
        self, split: Split, samples: Array, steps: tuple[Transform, ...], epoch: int, part: str
    ) -> Array:
        key = self._keys[part]
        images, draws = split.images(samples), Draws(key, epoch, samples)
        if isinstance(images, np.ndarray):
            images = augment.transformed(images, steps, draws)
        else:
            each = zip(images, samples.tolist(), draws.each(), strict=True)
            images = np.stack([self._one(i, split.name(n), steps, one) for i, n, one in each])
        return augment.normalized(images, self._recipe.normalize)

    def _one(self, image: Array, name: str, steps: tuple[Transform, ...], draws: One) -> Array:
        """One image of a size of its own, through all steps."""
        augment.check_image(image, steps, name)
        found: Array = augment.transformed(image[None], steps, draws)[0]
        check_shape(found, self._wanted, f"`{name}`")
        return found

    def _order_of(self, epoch: int) -> Array:
        # Threads may come here at the same time: what they read is whole either way.
        known, order = self._order
        if known != epoch:
            order = permutation(self._recipe.seed, epoch, len(self._dataset.train.labels))
            self._order = epoch, order
        return order

    def _ahead(
        self, make: Callable[[int], Batch], start: int, end: int, workers: int, split: Split
    ) -> Batches:
        from resdsl.training.data.ahead import Batches

        return Batches(make, start, end, workers, decodes=None in split.shape)

    def _check(self) -> None:
        dataset, recipe = self._dataset, self._recipe
        for part, split, steps in (
            ("training", dataset.train, recipe.augment),
            ("test", dataset.test, recipe.evaluate),
        ):
            augment.check_part(part, split.shape, steps, self._wanted)
        if recipe.mix is not None:
            augment.check_mix(recipe.mix, self._wanted)
        if recipe.normalize is not None:
            augment.check_normalize(recipe.normalize, self._wanted[-1])
        samples, batch = len(dataset.train.labels), recipe.data.batch
        if not 1 <= batch <= samples:
            raise unrunnable(
                f"a batch of {batch:,} cannot be taken from {samples:,} training samples",
                help=f"`batch = {min(samples, 128)}`, or less",
            )
        self._check_shard(batch, recipe.accumulate, (0, 1))

    def _check_shard(self, batch: int, accumulate: int, shard: Shard) -> None:
        rank, world = shard
        if not 0 <= rank < world:
            raise unrunnable(f"there is no process {rank} of {world}, counted from 0")
        parts = accumulate * world
        if batch < 1 or batch % parts:
            raise unrunnable(
                f"a batch of {batch} does not fall into {parts} equal parts "
                f"({accumulate} micro-batches, {world} processes)",
                help=f"`batch = {max(1, round(batch / parts)) * parts}`",
            )


def positions(batch: int, accumulate: int, shard: Shard) -> Array:
    """Which images of a whole batch are the shard's: its part of every micro-batch, in order."""
    rank, world = shard
    return np.arange(batch).reshape(accumulate, world, -1)[:, rank].ravel()
