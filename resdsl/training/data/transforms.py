"""The transforms of a recipe: one function each, over batches of images.

Training scripts that stand alone print the text of these functions. So each needs nothing but NumPy
(`np`) and, where it resizes, Pillow, which it imports itself; none calls another or reads a name
of this module; and arguments are plain numbers.

`images` are N x height x width x channels, all of one size, bytes or float32; what comes back is of
the same type, in new memory or a view. `rng` is a NumPy generator, or anything else whose
`random(n)` gives a number in [0, 1) for each of the n images.
"""

from __future__ import annotations

import numpy as np


def pad_crop(images: np.ndarray, rng: np.random.Generator, padding: int) -> np.ndarray:
    """Zeros on every side, then a random crop of the first size (He et al. 2015, 4.2)."""
    count, height, width, channels = images.shape
    tops = np.floor(rng.random(count) * (2 * padding + 1)).astype(int)
    lefts = np.floor(rng.random(count) * (2 * padding + 1)).astype(int)
    padded = np.zeros((count, height + 2 * padding, width + 2 * padding, channels), images.dtype)
    padded[:, padding : padding + height, padding : padding + width] = images
    cropped = np.empty(images.shape, images.dtype)
    for i, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        cropped[i] = padded[i, top : top + height, left : left + width]
    return cropped


def flip(images: np.ndarray, rng: np.random.Generator, p: float) -> np.ndarray:
    """Each image mirrored left to right with the probability `p`."""
    mirrored = rng.random(len(images)) < p
    flipped = images.copy()
    flipped[mirrored] = images[mirrored, :, ::-1]
    return flipped


def random_resized_crop(
    images: np.ndarray,
    rng: np.random.Generator,
    size: int,
    min_scale: float,
    max_scale: float,
    min_ratio: float,
    max_ratio: float,
) -> np.ndarray:
    """A crop of random area and aspect ratio, resized (Szegedy et al. 2014; bilinear).

    The first of ten tries that lies within the image; else the middle, as near to the ratios as it
    goes.
    """
    from PIL import Image

    count, height, width, _ = images.shape
    ratio = min(max(width / height, min_ratio), max_ratio)
    wide = np.full(count, min(width, max(1, round(height * ratio))))
    high = np.full(count, min(height, max(1, round(width / ratio))))
    found = np.zeros(count, bool)
    for _ in range(10):
        area = height * width * (min_scale + (max_scale - min_scale) * rng.random(count))
        low, span = np.log(min_ratio), np.log(max_ratio / min_ratio)
        ratios = np.exp(low + span * rng.random(count))
        w, h = np.rint(np.sqrt(area * ratios)), np.rint(np.sqrt(area / ratios))
        fits = (w >= 1) & (w <= width) & (h >= 1) & (h <= height)
        wide = np.where(fits & ~found, w, wide).astype(int)
        high = np.where(fits & ~found, h, high).astype(int)
        found |= fits
    down, across = rng.random(count), rng.random(count)
    tops = np.where(found, down * (height - high + 1), (height - high) // 2).astype(int)
    lefts = np.where(found, across * (width - wide + 1), (width - wide) // 2).astype(int)
    resized = []
    for image, top, left, h, w in zip(images, tops, lefts, high, wide, strict=True):
        planes = np.moveaxis(image[top : top + h, left : left + w], -1, 0)
        scaled = [
            Image.fromarray(p).resize((size, size), Image.Resampling.BILINEAR) for p in planes
        ]
        resized.append(np.stack([np.asarray(plane) for plane in scaled], axis=-1))
    return np.stack(resized)


def random_scale_crop(
    images: np.ndarray, rng: np.random.Generator, size: int, shortest: int, longest: int
) -> np.ndarray:
    """Shorter side resized to a random length of `shortest` to `longest`, then a random crop
    (He et al. 2015, 3.4; bilinear, antialiased)."""
    from PIL import Image

    count, height, width, _ = images.shape
    sides = shortest + np.floor(rng.random(count) * (longest - shortest + 1)).astype(int)
    highs = np.rint(height * sides / min(height, width)).astype(int)
    wides = np.rint(width * sides / min(height, width)).astype(int)
    tops = np.floor(rng.random(count) * (highs - size + 1)).astype(int)
    lefts = np.floor(rng.random(count) * (wides - size + 1)).astype(int)
    cropped = []
    for image, high, wide, top, left in zip(images, highs, wides, tops, lefts, strict=True):
        # Only the crop is computed: what it shows of the image, in the image's own positions.
        box = (
            left * width / wide,
            top * height / high,
            (left + size) * width / wide,
            (top + size) * height / high,
        )
        planes = [
            np.asarray(
                Image.fromarray(plane).resize((size, size), Image.Resampling.BILINEAR, box=box)
            )
            for plane in np.moveaxis(image, -1, 0)
        ]
        cropped.append(np.stack(planes, axis=-1))
    return np.stack(cropped)


def color(
    images: np.ndarray,
    rng: np.random.Generator,
    brightness: float,
    contrast: float,
    saturation: float,
) -> np.ndarray:
    """Brightness, contrast and saturation, in this order, each times a factor of 1 - strength to
    1 + strength: away from black, from the image's mean grey, and from each pixel's grey.

    Grey is 0.299 red + 0.587 green + 0.114 blue. Bytes stay in 0 to 255, floats are not limited.
    """
    strengths = np.array([brightness, contrast, saturation])
    factors = 1 + strengths * (2 * np.stack([rng.random(len(images)) for _ in range(3)], 1) - 1)
    shares = np.array([0.299, 0.587, 0.114] if images.shape[-1] == 3 else [1.0], np.float32)
    whole = images.dtype == np.uint8
    limits = (0, 255) if whole else (-np.inf, np.inf)
    changed = np.empty(images.shape, images.dtype)
    for i, (bright, apart, vivid) in enumerate(factors.astype(np.float32)):
        image = np.clip(images[i] * bright, *limits)
        mean = np.sum(image * shares, axis=-1).mean()
        image = np.clip(mean + (image - mean) * apart, *limits)
        grey = np.sum(image * shares, axis=-1, keepdims=True)
        image = np.clip(grey + (image - grey) * vivid, *limits)
        changed[i] = np.rint(image) if whole else image
    return changed


def resize(images: np.ndarray, size: int) -> np.ndarray:
    """Shorter side resized to `size`, the other in proportion (bilinear, antialiased)."""
    from PIL import Image

    _, height, width, _ = images.shape
    high = round(height * size / min(height, width))
    wide = round(width * size / min(height, width))
    resized = []
    for image in images:
        planes = [Image.fromarray(plane) for plane in np.moveaxis(image, -1, 0)]
        scaled = [plane.resize((wide, high), Image.Resampling.BILINEAR) for plane in planes]
        resized.append(np.stack([np.asarray(plane) for plane in scaled], axis=-1))
    return np.stack(resized)


def center_crop(images: np.ndarray, size: int) -> np.ndarray:
    """The middle `size` x `size`."""
    top, left = (images.shape[1] - size) // 2, (images.shape[2] - size) // 2
    return images[:, top : top + size, left : left + size]


def normalize(
    images: np.ndarray, mean: float | list[float], std: float | list[float]
) -> np.ndarray:
    """(value - mean) / std by channel in float32; bytes count as value / 255."""
    values = images.astype(np.float32, order="C")
    if images.dtype == np.uint8:
        values /= np.float32(255)
    # In long rows: NumPy takes a loop of its own for every row, however short.
    rows = values.reshape(len(values), -1)
    rows -= np.resize(np.array(mean, np.float32), rows.shape[1])
    rows /= np.resize(np.array(std, np.float32), rows.shape[1])
    return values


def mixup(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """x = w x_i + (1 - w) x_j, labels (N x classes) alike, w from Beta(alpha, alpha), one w a batch
    (Zhang et al. 2017); j is the batch reversed."""
    w = np.float32(rng.beta(alpha, alpha))
    return w * images + (1 - w) * images[::-1], w * labels + (1 - w) * labels[::-1]


def cutmix(
    images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """A box of area 1 - w comes from the image at the batch's other end, w from Beta(alpha, alpha)
    (Yun et al. 2019). Its middle lies anywhere; labels (N x classes) count the area that is left of
    it within the image."""
    height, width = images.shape[1:3]
    side = np.sqrt(1 - rng.beta(alpha, alpha))
    y, x = rng.random() * height, rng.random() * width
    rows = slice(max(0, round(y - side * height / 2)), min(height, round(y + side * height / 2)))
    columns = slice(max(0, round(x - side * width / 2)), min(width, round(x + side * width / 2)))
    mixed = images.copy()
    mixed[:, rows, columns] = images[::-1, rows, columns]
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    w = np.float32(1 - area / (height * width))
    return mixed, w * labels + (1 - w) * labels[::-1]
