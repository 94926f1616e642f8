"""scikit-learn's digits: 1,797 real images of 8 x 8, brought along with the package."""

from __future__ import annotations

import numpy as np

from resdsl.training.data.dataset import Array, Dataset, Memory, described
from resdsl.training.data.problems import check_classes, not_installed, shown, unfit

CLASSES = 10


def open_digits(shape: tuple[int, ...], outputs: int) -> Dataset:
    """The digits at the size of a network's input (channels first).

    Raises `CompileError` if scikit-learn is missing or the network takes or gives something else.
    """
    check_classes(CLASSES, outputs, "`digits`")
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise not_installed("scikit-learn", "brings the digits along") from None
    digits = load_digits()
    samples = fitted(digits.images / 16 * 255, shape)
    labels = digits.target.astype(np.int64)
    test = np.arange(len(labels)) % 5 == 4
    parts = (Memory(samples[part], labels[part]) for part in (~test, test))
    return described("digits of scikit-learn", CLASSES, parts)


def fitted(grey: Array, shape: tuple[int, ...]) -> Array:
    """N x 8 x 8 as bytes in a network's shape, channels last: images resized, sequences of 64 in
    the order of reading, rows of 64."""
    count = len(grey)
    match shape:
        case (_, height, width):
            rows, columns = bilinear(8, height), bilinear(8, width)
            samples = np.einsum("yi,nij,xj->nyx", rows, grey, columns, optimize=True)[..., None]
        case (_, 64) | (64,):
            samples = grey.reshape(count, *shape[1:], -1)
        case _:
            raise unfit(
                f"digits are images, sequences of 64 or rows of 64, and the network takes "
                f"{shown(shape)} (channels first)",
                help="another data set, or an input of 1 x 8 x 8",
            )
    whole = np.rint(samples).astype(np.uint8)
    # Grey for every channel without a copy of it.
    return np.broadcast_to(whole, (*whole.shape[:-1], shape[0]))


def bilinear(old: int, new: int) -> Array:
    """A row for each new position: its shares of the old ones (antialiased, as Pillow has it)."""
    scale = old / new
    width = max(1.0, scale)
    centers = (np.arange(new) + 0.5) * scale
    distances = np.abs(np.arange(old) + 0.5 - centers[:, None])
    shares = np.maximum(0, 1 - distances / width)
    normal: Array = shares / shares.sum(axis=1, keepdims=True)
    return normal
