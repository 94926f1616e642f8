"""NumPy arrays of a `.npz` file."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile
from zlib import error as ZlibError

import numpy as np

from resdsl.recipes.recipe import Arrays
from resdsl.training.data.dataset import Array, Dataset, Labels, Memory, described
from resdsl.training.data.problems import check_labels, damaged, not_there, shown, unfit, unusable

KEYS = ("train_images", "train_labels", "test_images", "test_labels")
_MADE = (
    "`np.savez(path, train_images=…, train_labels=…, test_images=…, test_labels=…)` writes such a "
    "file"
)


def open_arrays(data: Arrays, shape: tuple[int, ...], outputs: int) -> Dataset:
    """The four arrays of `data.path`. Nothing pickled is read.

    Raises `CompileError` if the file is missing or damaged, or its arrays are of another form.
    """
    arrays = load(Path(data.path))
    parts = [
        Memory(_images(arrays, part, shape, data.path), _labels(arrays, part, outputs, data.path))
        for part in ("train", "test")
    ]
    for part, memory in zip(("train", "test"), parts, strict=True):
        if len(memory.array) != len(memory.labels):
            raise unusable(
                f"`{data.path}` has {len(memory.array):,} `{part}_images` and "
                f"{len(memory.labels):,} `{part}_labels`"
            )
        if len(memory.labels) == 0:
            raise unusable(f"`{part}_images` of `{data.path}` is empty")
    return described(f"arrays of {Path(data.path).name}", outputs, parts)


def load(path: Path) -> dict[str, Array]:
    """The arrays `KEYS` of a `.npz` file."""
    try:
        # Without pickles: an array of objects is refused by NumPy and told below.
        file = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise not_there(
            f"there is no file `{path}`", help=f"put the arrays there: {_MADE}"
        ) from None
    except (OSError, ValueError, BadZipFile, EOFError) as problem:
        raise damaged(
            f"`{path}` cannot be read as a `.npz` file: {_short(problem)}", help=_MADE
        ) from None
    if not isinstance(file, np.lib.npyio.NpzFile):
        raise damaged(f"`{path}` holds a single array and is no `.npz` file", help=_MADE)
    with file:
        missing = [key for key in KEYS if key not in file.files]
        if missing:
            raise unusable(
                f"`{path}` lacks {_listed(missing)}",
                notes=[f"it has {_listed(file.files) if file.files else 'nothing'}"],
                help=_MADE,
            )
        return {key: _read(file, key, path) for key in KEYS}


def _read(file: np.lib.npyio.NpzFile, key: str, path: Path) -> Array:
    try:
        array = file[key]
    except ValueError as problem:
        if "allow_pickle" not in str(problem):
            raise damaged(f"`{key}` of `{path}` is damaged: {_short(problem)}") from None
        raise unusable(
            f"`{key}` of `{path}` holds Python objects, which may run code when they are read",
            help="save an array of numbers: all images of one size",
        ) from None
    except (OSError, BadZipFile, EOFError, ZlibError, MemoryError) as problem:
        raise damaged(f"`{key}` of `{path}` is damaged: {_short(problem)}") from None
    if not isinstance(array, np.ndarray):
        raise damaged(f"`{key}` of `{path}` is no array of NumPy")
    return array


def _images(arrays: dict[str, Array], part: str, shape: tuple[int, ...], path: str) -> Array:
    key = f"{part}_images"
    images = arrays[key]
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise unusable(
            f"`{key}` of `{path}` is of type {images.dtype}; images are bytes (uint8) or floats"
        )
    if images.ndim == len(shape) and shape[0] == 1 and len(shape) > 1:
        images = images[..., None]  # Grey images may do without the axis.
    if images.ndim != len(shape) + 1:
        raise unfit(
            f"`{key}` of `{path}` is {shown(images.shape)}, and the network takes batches of "
            f"{len(shape) + 1} axes, the channels last",
        )
    if images.dtype == np.uint8:
        return images
    floats: Array = images.astype(np.float32, copy=False)
    if not np.isfinite(floats).all():
        raise unusable(f"`{key}` of `{path}` holds values that are infinite or no numbers")
    return floats


def _labels(arrays: dict[str, Array], part: str, outputs: int, path: str) -> Labels:
    key = f"{part}_labels"
    labels = arrays[key]
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise unusable(
            f"`{key}` of `{path}` is {shown(labels.shape)} of type {labels.dtype}; labels are one "
            f"whole number for each image"
        )
    whole: Labels = labels.astype(np.int64)
    check_labels(whole, outputs, f"`{key}` of `{path}`")
    return whole


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _short(problem: BaseException) -> str:
    text = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
    return f"{text[:1].lower()}{text[1:]}"
