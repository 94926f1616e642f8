"""Data sets of Hugging Face's `datasets`: by their name on the hub, or local files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from resdsl.diagnostics import CompileError
from resdsl.recipes.recipe import HuggingFace
from resdsl.records import dataclass
from resdsl.training.data.dataset import Array, Dataset, Labels, described
from resdsl.training.data.problems import (
    check_classes,
    check_labels,
    damaged,
    not_installed,
    not_there,
    unusable,
)
from resdsl.training.data.sources.decode import check_images, pixels

#: Endings of files that `datasets` reads, and what it calls their kind.
KINDS = {".parquet": "parquet", ".arrow": "arrow", ".csv": "csv", ".json": "json", ".jsonl": "json"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table on disk, read when they are asked for."""

    rows: Any
    column: str
    labels: Labels
    shape: tuple[int | None, ...]
    place: str

    def images(self, samples: Array) -> Iterator[Array]:
        return (self._image(int(sample)) for sample in samples)

    def name(self, sample: int) -> str:
        return f"row {sample} of {self.place}"

    def _image(self, sample: int) -> Array:
        try:
            value = self.rows[sample][self.column]
            if hasattr(value, "convert"):
                return pixels(value, self.shape[-1] or 3)
            return _numbers(value)
        except Exception as problem:  # Decoders raise whatever they like.
            raise damaged(f"{self.name(sample)} cannot be read: {problem}") from None


def open_hub(data: HuggingFace, shape: tuple[int, ...], outputs: int) -> Dataset:
    """Both parts of a data set of `datasets`, which downloads what has a name on the hub.

    Raises `CompileError` if it cannot be found or reached, or has other columns.
    """
    try:
        import datasets
    except ImportError:
        install = "pip install 'resdsl[huggingface]'"
        raise not_installed("`datasets`", "reads data of Hugging Face", install) from None
    datasets.disable_progress_bars()
    found = _load(datasets, data.name)
    for part in (data.train, data.test):
        if part not in found:
            raise not_there(
                f"`{data.name}` has no part `{part}`",
                notes=[f"it has {', '.join(f'`{name}`' for name in found)}"],
                help="say which parts are meant, by `train` and `test` of `hugging_face`",
            )
    train, test = (_rows(datasets, found[p], data, p, shape) for p in (data.train, data.test))
    classes = _class_count(found[data.train], data, outputs)
    for part, rows in ((data.train, train), (data.test, test)):
        check_labels(rows.labels, classes, f"`{data.label}` of `{part}`")
    return described(f"{data.name} of Hugging Face", classes, (train, test))


def _load(datasets: Any, name: str) -> Any:
    path = Path(name)
    try:
        if path.is_dir():
            if any((path / file).is_file() for file in ("dataset_dict.json", "state.json")):
                found = datasets.load_from_disk(name)
            else:
                found = datasets.load_dataset(name)
        elif path.is_file() and path.suffix in KINDS:
            found = datasets.load_dataset(KINDS[path.suffix], data_files=name)
        else:
            found = datasets.load_dataset(name)
    except Exception as problem:  # Of the network, of the hub, of the files: many libraries' own.
        raise _not_loaded(name, path, problem) from None
    return found if isinstance(found, dict) else {"train": found}


def _not_loaded(name: str, path: Path, problem: Exception) -> CompileError:
    reason = next((line for line in str(problem).splitlines() if line.strip()), "")
    notes = [f"{type(problem).__name__}: {reason.strip()}" if reason else type(problem).__name__]
    if path.exists():
        return damaged(f"`{name}` cannot be read as a data set of Hugging Face", notes=notes)
    return not_there(
        f"the data set `{name}` could be neither found nor fetched from the hub of Hugging Face",
        notes=notes,
        help=f"see https://huggingface.co/datasets/{name}; without a network, write it to a folder "
        f"elsewhere with `save_to_disk`, and give that folder instead of the name",
    )


def _rows(datasets: Any, table: Any, data: HuggingFace, part: str, shape: tuple[int, ...]) -> Rows:
    for setting, column in (("image", data.image), ("label", data.label)):
        if column not in table.column_names:
            raise unusable(
                f"`{part}` of `{data.name}` has no column `{column}`",
                notes=[f"it has {', '.join(f'`{name}`' for name in table.column_names)}"],
                help=f"say which column is meant, by `{setting}` of `hugging_face`",
            )
    rows, place = table.select_columns([data.image]), f"`{part}` of `{data.name}`"
    if isinstance(table.features[data.image], datasets.Image):
        form: tuple[int | None, ...] = None, None, check_images(shape, f"`{data.name}`")
    else:
        try:
            form = _numbers(rows[0][data.image]).shape
        except ValueError:
            raise unusable(f"`{data.image}` of {place} holds neither images nor numbers") from None
    return Rows(rows, data.image, _labels(table, data, place), form, place)


def _numbers(value: object) -> Array:
    array = np.asarray(value)
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind not in "iuf":
        raise ValueError(f"values of type {array.dtype} are no numbers")
    return array.astype(np.float32)


def _labels(table: Any, data: HuggingFace, place: str) -> Labels:
    labels = np.asarray(table.select_columns([data.label]).with_format("numpy")[:][data.label])
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise unusable(
            f"`{data.label}` of {place} is no column of whole numbers, one for each row",
            help="`datasets` turns names into numbers with `class_encode_column`",
        )
    whole: Labels = labels.astype(np.int64)
    return whole


def _class_count(table: Any, data: HuggingFace, outputs: int) -> int:
    names = getattr(table.features[data.label], "names", None)
    if names is None:
        return outputs  # Numbers without names: those of the labels are checked.
    check_classes(len(names), outputs, f"`{data.name}`")
    return len(names)
