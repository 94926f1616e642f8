"""Training by epochs, as the studies of accuracy measure it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from resdsl.training.studies.study import Found
from resdsl.training.studies.table import Table

if TYPE_CHECKING:
    from resdsl.training.studies.bench import Training


def trained(training: Training) -> Iterator[Found]:
    """Train to the end of the recipe: a row of the table `curves` behind each epoch, with loss and
    error of the training samples as they were seen, and of the test samples."""
    losses, wrong = [], []
    for step in training.steps():
        losses.append(step.loss)
        wrong.append(step.wrong)
        if step.done % training.epoch and step.done != training.total:
            continue
        test_loss, test_error = training.test()
        yield (
            "curves",
            {
                "step": step.done,
                "train_loss": float(np.mean(losses)),
                "train_error": float(np.mean(wrong)),
                "test_loss": test_loss,
                "test_error": test_error,
            },
        )
        losses, wrong = [], []


def final(curves: Table) -> Table:
    """The rows behind the last epoch."""
    return curves.where(step=curves.distinct("step")[-1])
