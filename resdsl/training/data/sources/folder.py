"""Folders of images, one for each class, as ImageNet is laid out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from resdsl.diagnostics import CompileError
from resdsl.recipes.recipe import ImageFolder
from resdsl.records import dataclass, replace
from resdsl.training.data.dataset import Array, Dataset, Labels, described
from resdsl.training.data.problems import check_classes, damaged, not_there, unusable
from resdsl.training.data.sources.decode import SUFFIXES, check_images, read

_NOTE = "ImageNet is published at https://www.image-net.org/download.php, for those who register"


@dataclass(frozen=True, slots=True)
class Files:
    """Images that are decoded when they are asked for.

    `names` are relative to `root`: bytes in one array, because a million strings would take more
    memory than a batch, in every process.
    """

    root: str
    names: Array
    labels: Labels
    channels: int

    @property
    def shape(self) -> tuple[int | None, ...]:
        return None, None, self.channels

    def images(self, samples: Array) -> Iterator[Array]:
        return (read(self._path(int(sample)), self.channels) for sample in samples)

    def name(self, sample: int) -> str:
        return str(self._path(sample))

    def _path(self, sample: int) -> Path:
        return Path(self.root, os.fsdecode(bytes(self.names[sample])))


def open_folder(data: ImageFolder, shape: tuple[int, ...], outputs: int) -> Dataset:
    """The image folder of a recipe; with `skip_corrupt`, all images are decoded once to find those
    that cannot be.

    A run without them has to know how many there are before its first step: how long an epoch is
    depends on it, and a stand-in for an image that turns out to be damaged later would count
    another one twice. Raises `CompileError` if a folder is missing or is laid out in another way.
    """
    channels = check_images(shape, "an image folder")
    folders = [Path(data.path, part) for part in (data.train, data.test)]
    for folder in folders:
        if not folder.is_dir():
            raise _no_folder(folder, data)
    classes = _classes(folders[0])
    check_classes(len(classes), outputs, f"`{folders[0]}`")
    unknown = sorted(set(_classes(folders[1])) - set(classes))
    if unknown:
        raise unusable(
            f"`{folders[1]}` has the class `{unknown[0]}`, which `{folders[0]}` has not",
            notes=[f"{len(unknown)} of its classes are unknown"] if len(unknown) > 1 else (),
        )
    train, test = (_listed(folder, classes, channels) for folder in folders)
    skipped = 0
    if data.skip_corrupt:
        before = len(train.labels) + len(test.labels)
        train, test = _sound(train), _sound(test)
        skipped = before - len(train.labels) - len(test.labels)
    return described(f"images of {data.path}", len(classes), (train, test), skipped)


def _no_folder(folder: Path, data: ImageFolder) -> CompileError:
    return not_there(
        f"there is no folder `{folder}`",
        notes=[_NOTE],
        help=f"put the images at `{data.path}/{data.train}/CLASS/NAME.jpg` and "
        f"`{data.path}/{data.test}/CLASS/NAME.jpg`, or give `images` other names as `train` and "
        f"`test`",
    )


def _classes(folder: Path) -> list[str]:
    inner = (path for path in folder.iterdir() if path.is_dir())
    found = sorted(path.name for path in inner if not path.name.startswith("."))
    if not found:
        loose = any(path.suffix.lower() in SUFFIXES for path in folder.iterdir())
        raise unusable(
            f"`{folder}` holds images, but no folder for each class"
            if loose
            else f"the folder `{folder}` is empty: it should hold a folder for each class",
            help=f"move the images to `{folder}/CLASS/NAME.jpg`, in a folder for each class",
        )
    return found


def _listed(folder: Path, classes: list[str], channels: int) -> Files:
    """All images of a part, in the order of their classes and names."""
    names: list[bytes] = []
    labels: list[int] = []
    for label, name in enumerate(classes):
        if not (folder / name).is_dir():
            continue  # A test set may do without a class.
        found = sorted(_images_in(folder / name, name))
        if not found:
            raise unusable(
                f"the folder `{folder / name}` has no images",
                help="put images there, or remove the folder",
            )
        names += map(os.fsencode, found)
        labels += [label] * len(found)
    return Files(str(folder), np.array(names), np.array(labels, np.int64), channels)


def _images_in(folder: Path, name: str) -> Iterator[str]:
    """Names of all images in a folder and the folders in it, beginning with `name`."""
    # Text, not `Path`, which takes seconds to make for the images of ImageNet.
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from _images_in(Path(entry.path), f"{name}/{entry.name}")
            elif f".{entry.name.rpartition('.')[2].lower()}" in SUFFIXES:
                yield f"{name}/{entry.name}"


def _sound(files: Files) -> Files:
    """Those that can be decoded. Threads do it, as Pillow does not hold up Python."""

    def decodes(sample: int) -> bool:
        try:
            read(Path(files.name(sample)), files.channels)
        except CompileError:
            return False
        return True

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        sound = np.fromiter(pool.map(decodes, range(len(files.labels))), bool)
    if not sound.any():
        raise damaged(f"none of the images in `{files.root}` can be decoded")
    return replace(files, names=files.names[sound], labels=files.labels[sound])
