"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009), as they are downloaded.

Both layouts are read, the binary one and the Python one, from the folder of the files, the folder
above it, or the archive itself.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path
from zlib import error as ZlibError

import numpy as np

from resdsl.recipes.recipe import Cifar
from resdsl.records import dataclass
from resdsl.training.data.dataset import Array, Dataset, Labels, Memory, described
from resdsl.training.data.problems import check_classes, check_labels, damaged, not_there, unusable
from resdsl.training.data.sources import pickles

PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"
PIXELS = 3 * 32 * 32


@dataclass(frozen=True, slots=True)
class Layout:
    """One of the forms in which a data set is published."""

    archive: str
    folder: str
    train: tuple[str, ...]
    test: str
    samples: int  # in every file for training
    test_samples: int
    labels: int  # bytes in front of every image; the last is the class. 0: a pickle
    key: str = ""  # of the labels in a pickle

    @property
    def files(self) -> tuple[str, ...]:
        return (*self.train, self.test)


_BATCHES = tuple(f"data_batch_{n}" for n in range(1, 6))
LAYOUTS = {
    10: (
        Layout(
            "cifar-10-binary.tar.gz",
            "cifar-10-batches-bin",
            tuple(f"{name}.bin" for name in _BATCHES),
            "test_batch.bin",
            10_000,
            10_000,
            labels=1,
        ),
        Layout(
            "cifar-10-python.tar.gz",
            "cifar-10-batches-py",
            _BATCHES,
            "test_batch",
            10_000,
            10_000,
            labels=0,
            key="labels",
        ),
    ),
    100: (
        Layout(
            "cifar-100-binary.tar.gz",
            "cifar-100-binary",
            ("train.bin",),
            "test.bin",
            50_000,
            10_000,
            labels=2,
        ),
        Layout(
            "cifar-100-python.tar.gz",
            "cifar-100-python",
            ("train",),
            "test",
            50_000,
            10_000,
            labels=0,
            key="fine_labels",
        ),
    ),
}

#: Reads a file of a layout, wherever it lies.
Reader = Callable[[str], bytes]


def open_cifar(data: Cifar, outputs: int) -> Dataset:
    """CIFAR-10 or CIFAR-100 from `data.path`, in memory (150 MB of bytes).

    Raises `CompileError` if a file is missing, cut off or damaged.
    """
    name = f"CIFAR-{data.classes}"
    if data.classes not in LAYOUTS:
        raise unusable(f"there is no {name}: CIFAR has 10 or 100 classes")
    check_classes(data.classes, outputs, f"`{name}`")
    layout, found = find(Path(data.path), data.classes)
    if tarfile_like(found):
        files = _unpacked(found, layout)
    else:
        files = {file: _read(found / file) for file in layout.files}
    parts = [
        _joined([_samples(files, file, layout, count, data.classes) for file in names])
        for names, count in (
            (layout.train, layout.samples),
            ((layout.test,), layout.test_samples),
        )
    ]
    return described(f"{name} from {found}", data.classes, parts)


def tarfile_like(path: Path) -> bool:
    """Whether a path is an archive's."""
    return path.name.endswith((".tar.gz", ".tgz", ".tar"))


def find(path: Path, classes: int) -> tuple[Layout, Path]:
    """The layout that lies at `path`, and its folder or archive."""
    layouts = LAYOUTS[classes]
    if path.is_file() and tarfile_like(path):
        for layout in layouts:
            if path.name.split(".tar")[0] == layout.archive.removesuffix(".tar.gz"):
                return layout, path
    for layout in layouts:
        for folder in (path, path / layout.folder):
            if any((folder / file).is_file() for file in layout.files):
                _expect_all(layout, folder, classes)
                return layout, folder
        if (path / layout.archive).is_file():
            return layout, path / layout.archive
    raise missing(f"CIFAR-{classes} is not at `{path}`", path, classes)


def _expect_all(layout: Layout, folder: Path, classes: int) -> None:
    for file in layout.files:
        if not (folder / file).is_file():
            raise missing(f"CIFAR-{classes} in `{folder}` lacks the file `{file}`", folder, classes)


def missing(what: str, path: Path, classes: int) -> Exception:
    """What is not there, what to fetch and where to put it."""
    binary, python = (layout.archive for layout in LAYOUTS[classes])
    return not_there(
        what,
        notes=[f"it is published at {PAGE}, by Alex Krizhevsky, Vinod Nair and Geoffrey Hinton"],
        help=f"download {binary} (or {python}) and put it, or what is in it, at `{path}`",
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise damaged(f"`{path}` cannot be read: {problem.strerror or problem}") from None


def _unpacked(archive: Path, layout: Layout) -> dict[str, bytes]:
    """The files of an archive, read in passing: nothing is written to disk."""
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                name = member.name.rpartition("/")[2]
                if name in layout.files and member.isfile():
                    file = tar.extractfile(member)
                    assert file is not None
                    files[name] = file.read()
    except (tarfile.TarError, OSError, EOFError, ZlibError) as problem:
        raise damaged(
            f"`{archive}` is cut off or damaged: {problem}", help=f"download it again from {PAGE}"
        ) from None
    for name in layout.files:
        if name not in files:
            raise damaged(f"`{archive}` lacks the file `{name}`", help=f"fetch it from {PAGE}")
    return files


def _samples(
    files: dict[str, bytes], file: str, layout: Layout, count: int, classes: int
) -> tuple[Array, Labels]:
    read = _records if layout.labels else _pickled
    images, labels = read(files.pop(file), file, layout, count)
    check_labels(labels, classes, f"`{file}`")
    # Published one plane after the other: red, green, blue.
    return images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels


def _records(data: bytes, file: str, layout: Layout, count: int) -> tuple[Array, Labels]:
    size = layout.labels + PIXELS
    if len(data) != count * size:
        cut = "is cut off" if len(data) < count * size else "is too long"
        raise damaged(
            f"`{file}` {cut}: it has {len(data):,} bytes, and {count:,} images take "
            f"{count * size:,}",
            help=f"copy it again, or download it again from {PAGE}",
        )
    records = np.frombuffer(data, np.uint8).reshape(count, size)
    return records[:, layout.labels :], records[:, layout.labels - 1].astype(np.int64)


def _pickled(data: bytes, file: str, layout: Layout, count: int) -> tuple[Array, Labels]:
    found = pickles.load(data, file)
    images, labels = found.get("data"), found.get(layout.key)
    if not isinstance(images, np.ndarray) or images.shape != (count, PIXELS):
        raise damaged(f"`{file}` has no {count:,} images of {PIXELS:,} bytes under `data`")
    if not isinstance(labels, list) or len(labels) != count:
        raise damaged(f"`{file}` has no {count:,} labels under `{layout.key}`")
    if not all(type(label) is int and abs(label) < 2**31 for label in labels):
        raise damaged(f"`{file}` has labels that are no whole numbers")
    return images, np.array(labels, np.int64)


def _joined(parts: list[tuple[Array, Labels]]) -> Memory:
    images, labels = zip(*parts, strict=True)
    return Memory(np.ascontiguousarray(np.concatenate(images)), np.concatenate(labels))
