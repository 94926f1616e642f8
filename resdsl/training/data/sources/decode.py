"""Image files as arrays, with Pillow."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from resdsl.training.data.dataset import Array
from resdsl.training.data.problems import damaged, not_installed, shown, unfit

if TYPE_CHECKING:
    from PIL import Image

#: Names of files that are taken for images, by their endings.
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
)


def check_images(shape: tuple[int, ...], what: str) -> int:
    """How many channels a network wants of images (1 or 3). Raises `CompileError` if it does not
    take images, or Pillow is missing."""
    if len(shape) != 3 or shape[0] not in (1, 3):
        raise unfit(
            f"{what} has images of three channels, or one in grey, and the network takes "
            f"{shown(shape)} (channels first)",
            help="`--input 3x224x224`, where the model takes such inputs",
        )
    if find_spec("PIL") is None:
        raise not_installed("Pillow", "decodes images")
    return shape[0]


def read(path: Path, channels: int) -> Array:
    """The image of a file, height x width x channels, bytes: RGB or grey, whatever the file has.

    Raises `CompileError`, naming the file, if it cannot be decoded to its last pixel.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            return pixels(image, channels)
    except Exception as problem:  # Pillow raises whatever its decoders do.
        reason = str(problem).replace(str(path), "it") or type(problem).__name__
        raise damaged(
            f"the image `{path}` cannot be decoded: {reason}",
            help="restore the file, or let `skip_corrupt = true` leave such images out",
        ) from None


def pixels(image: Image.Image, channels: int) -> Array:
    """An image of Pillow's as height x width x channels, bytes."""
    array = np.array(image.convert("RGB" if channels == 3 else "L"))
    return array if channels == 3 else array[..., None]
