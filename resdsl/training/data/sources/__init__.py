"""Where samples come from: one module for each kind of data set."""

from __future__ import annotations

from resdsl.recipes.recipe import (
    Arrays,
    Cifar,
    Data,
    Digits,
    HuggingFace,
    ImageFolder,
    Synthetic,
)
from resdsl.training.data.dataset import Dataset


def open_dataset(data: Data, shape: tuple[int, ...], outputs: int, seed: int = 0) -> Dataset:
    """The data set of a recipe, for a network with inputs of `shape` (channels first, without the
    batch) and `outputs` classes.

    Raises `CompileError` (R0801 to R0805) if it is missing, damaged, or does not fit the network.
    """
    # Each source imports what it needs when it is used.
    match data:
        case Digits():
            from resdsl.training.data.sources.digits import open_digits

            return open_digits(shape, outputs)
        case Cifar():
            from resdsl.training.data.sources.cifar import open_cifar

            return open_cifar(data, outputs)
        case ImageFolder():
            from resdsl.training.data.sources.folder import open_folder

            return open_folder(data, shape, outputs)
        case HuggingFace():
            from resdsl.training.data.sources.hub import open_hub

            return open_hub(data, shape, outputs)
        case Arrays():
            from resdsl.training.data.sources.arrays import open_arrays

            return open_arrays(data, shape, outputs)
        case Synthetic():
            from resdsl.training.data.sources.synthetic import open_synthetic

            return open_synthetic(data, shape, outputs, seed)
