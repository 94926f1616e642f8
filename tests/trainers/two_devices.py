"""Trains on two devices as on one, and says how far apart the states are; run by its test.

Arguments: a recipe, `synchronized` or `local`, and a folder for files. JAX must see two devices.
"""

import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax import nnx
from jax.sharding import Mesh
from trainers import CALM, RECIPES, TINY, State, batch, first_state, import_files, tiny

from resdsl.records import replace

STEPS = 6


def main(name: str, batch_norm: str, folder: Path) -> None:
    graph = tiny(TINY if batch_norm == "synchronized" else CALM)
    recipe = replace(RECIPES[name], batch_norm=batch_norm)
    module = import_files(graph, recipe, "jax", folder)
    one, two = (
        module.Trainer(module.Tiny(rngs=nnx.Rngs(0)), Mesh(jax.devices()[:count], "data"))
        for count in (1, 2)
    )
    two.load_state(first_state(graph, recipe))
    furthest = 0.0
    for step in range(STEPS):
        images, labels = batch(graph, recipe, step)
        before = two.state()
        parts = [(images, labels)]
        if batch_norm == "local":
            # A step is linear in the gradients: that of the mean is the mean of steps.
            parts = list(zip(np.split(images, 2), np.split(labels, 2), strict=True))
        wanted = [stepped(one, before, *part) for part in parts]
        loss, correct = two.train_step(images, labels, 0.05)
        furthest = max(furthest, abs(float(loss) - np.mean([loss for loss, _, _ in wanted])))
        assert int(correct) == sum(right for _, right, _ in wanted)
        for key, array in two.state().items():
            mean = np.mean([state[key] for _, _, state in wanted], axis=0)
            furthest = max(furthest, np.abs(array - mean).max())
        tested = [trainer.evaluate(*images_and_labels(images)) for trainer in (one, two)]
        if batch_norm == "synchronized":
            furthest = max(furthest, abs(float(tested[0][0]) - float(tested[1][0])))
            assert int(tested[0][1]) == int(tested[1][1])
    print(furthest)


def stepped(trainer: Any, state: State, images: Any, labels: Any) -> tuple[float, int, State]:
    """One step from a state."""
    trainer.load_state(state)
    loss, correct = trainer.train_step(images, labels, 0.05)
    return float(loss), int(correct), trainer.state()


def images_and_labels(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fewer than a batch, and no multiple of two."""
    return images[:7], np.arange(7) % 3


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
