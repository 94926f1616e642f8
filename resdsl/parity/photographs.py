"""Batches of real images: random crops of the two photographs that scikit-learn brings along.

Real images have the flat areas, edges and correlated channels that noise has not, so that ties in
max pools and large sums occur as in use. Crops, flips and their resizing are seeded and ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resdsl.codegen.runtime import Array, Facts
from resdsl.diagnostics import error
from resdsl.ops import Uniform
from resdsl.parity.draw import drawn

NAMES = ("china.jpg", "flower.jpg")

# Of ImageNet's training images, red, green, blue, on a scale of 0 to 1.
MEAN = np.array([0.485, 0.456, 0.406])
STD = np.array([0.229, 0.224, 0.225])
#: What red, green and blue give to a grey value (ITU-R BT.601).
GREY = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of one photograph."""

    photograph: int
    top: int
    left: int
    height: int
    width: int
    mirrored: bool


def photographs() -> list[Array]:
    """The two photographs, height x width x 3, bytes."""
    try:
        from sklearn.datasets import load_sample_image

        return [np.asarray(load_sample_image(name)) for name in NAMES]
    except ImportError:  # Also from inside: it reads JPEG files with Pillow, if that is there.
        raise error(
            "R0602",
            "the photographs come with scikit-learn and are read with Pillow: one is not installed",
            help="`pip install scikit-learn pillow`, or `--images noise`",
        ) from None


def check(facts: Facts) -> None:
    """Raise `CompileError` if the network does not take photographs."""
    shapes = [i.shape for i in facts.inputs]
    if len(shapes) == 1 and len(shapes[0]) == 3 and shapes[0][0] in (1, 3):
        return
    wanted = ", ".join(" x ".join(map(str, shape)) for shape in shapes)
    raise error(
        "R0606",
        f"photographs have three channels, or one in grey, and `{facts.model}` takes {wanted}",
        help="`--images noise`",
    )


def batch_of(facts: Facts, photos: list[Array], batch: int, step: int, seed: int) -> Array:
    """One batch of crops, normalized, channels first, float32."""
    channels, height, width = facts.inputs[0].shape
    draws = drawn(Uniform(0.0, 1.0), (batch, 5), f"crops {step}", seed)
    images = []
    for numbers in draws:
        crop = crop_from(numbers, [p.shape for p in photos], height / width)
        image = resize(cut(photos[crop.photograph], crop), height, width)
        if crop.mirrored:
            image = image[:, ::-1]
        images.append(normalized(image, channels))
    return np.ascontiguousarray(np.stack(images), dtype=np.float32)


def crop_from(numbers: Array, shapes: list[tuple[int, ...]], aspect: float) -> Crop:
    """Five numbers of 0 to 1 as a crop: which, how large, from where, mirrored or not."""
    which, size, down, across, side = (float(n) for n in numbers)
    photograph = min(int(which * len(shapes)), len(shapes) - 1)
    rows, columns, _ = shapes[photograph]
    share = 0.4 + 0.6 * size
    height = max(1, int(share * min(rows, columns * aspect)))
    width = max(1, min(columns, round(height / aspect)))
    top, left = int(down * (rows - height)), int(across * (columns - width))
    return Crop(photograph, top, left, height, width, side < 0.5)


def cut(photograph: Array, crop: Crop) -> Array:
    """The crop's part of the photograph, on a scale of 0 to 1."""
    part = photograph[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
    return part.astype(np.float64) / 255


def resize(image: Array, height: int, width: int) -> Array:
    """Every new pixel is the mean of the area it covers."""
    rows, columns = areas(image.shape[0], height), areas(image.shape[1], width)
    # einsum without a path sums in one order; a matrix product may not, from machine to machine.
    narrow = np.einsum("wx,yxc->ywc", columns, image)
    resized: Array = np.einsum("hy,ywc->hwc", rows, narrow)
    return resized


def areas(old: int, new: int) -> Array:
    """A row for each new position: its shares of the old ones, which add up to 1."""
    edges = np.arange(new + 1) * (old / new)
    positions = np.arange(old)
    begin = np.maximum(edges[:-1, None], positions)
    end = np.minimum(edges[1:, None], positions + 1)
    shares: Array = np.maximum(end - begin, 0) * (new / old)
    return shares


def normalized(image: Array, channels: int) -> Array:
    """Channels first, with mean 0 and spread 1 over ImageNet."""
    if channels == 1:
        grey: Array = (image @ GREY - MEAN @ GREY) / (STD @ GREY)
        return grey.reshape(1, *grey.shape)
    return np.moveaxis((image - MEAN) / STD, -1, 0)
