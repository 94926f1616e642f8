"""Data sets of Hugging Face's `datasets`, from local files alone."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

# Before the package is imported: nothing is fetched here.
os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets

from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.recipes.recipe import (
    CenterCrop,
    Constant,
    HuggingFace,
    Recipe,
    Resize,
    Schedule,
    Sgd,
)
from resdsl.records import replace
from resdsl.training.data.dataset import Dataset
from resdsl.training.data.pipeline import Pipeline
from resdsl.training.data.sources import open_dataset

SHAPE = (3, 8, 8)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def pictures(count: int, seed: int = 0) -> list[Image.Image]:
    rng = np.random.default_rng(seed)
    sizes = [(9 + n % 3, 8 + n % 2, 3) for n in range(count)]
    return [Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8)) for size in sizes]


def table(count: int, seed: int = 0, **columns: Any) -> Any:
    made = {"image": pictures(count, seed), "label": [n % 2 for n in range(count)]} | columns
    kinds = {"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])}
    features = datasets.Features({name: kinds[name] for name in made if name in kinds})
    return datasets.Dataset.from_dict(made, features=features)


def save(root: Path, **parts: Any) -> HuggingFace:
    datasets.DatasetDict(parts).save_to_disk(str(root / "saved"))
    return HuggingFace(str(root / "saved"), batch=4)


def refused(data: HuggingFace, shape: tuple[int, ...] = SHAPE, outputs: int = 2) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        open_dataset(data, shape, outputs)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def recipe_of(data: HuggingFace) -> Recipe:
    steps = (Resize(8), CenterCrop(8))
    return Recipe("h", data, Schedule(Constant(), 1), Sgd(), augment=steps, evaluate=steps)


def check(dataset: Dataset, data: HuggingFace) -> None:
    np.testing.assert_array_equal(dataset.train.labels, [0, 1] * 4)
    assert dataset.classes == 2 and len(dataset.test.labels) == 4
    (image,) = dataset.train.images(np.array([5]))
    np.testing.assert_array_equal(image, np.asarray(pictures(8)[5]))
    images, labels = Pipeline(dataset, recipe_of(data), SHAPE).batch(0)
    assert images.shape == (4, 8, 8, 3) and labels.dtype == np.int64


def test_a_saved_data_set(tmp_path: Path) -> None:
    data = save(tmp_path, train=table(8), test=table(4, 1))
    dataset = open_dataset(data, SHAPE, 2)
    check(dataset, data)
    made = Pipeline(dataset, recipe_of(data), SHAPE)
    with made.batches(0, 4, workers=1) as batches:
        for step, (images, _) in enumerate(batches):
            assert images.tobytes() == made.batch(step)[0].tobytes()


def test_a_folder_of_parquet_files(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    table(8).to_parquet(str(tmp_path / "files" / "train.parquet"))
    table(4, 1).to_parquet(str(tmp_path / "files" / "test.parquet"))
    data = HuggingFace(str(tmp_path / "files"), batch=4)
    check(open_dataset(data, SHAPE, 2), data)


def test_a_single_file_is_one_part(tmp_path: Path) -> None:
    table(8).to_parquet(str(tmp_path / "all.parquet"))
    data = HuggingFace(str(tmp_path / "all.parquet"))
    diagnostic = refused(data)
    assert diagnostic.code == "R0802" and diagnostic.notes == ("it has `train`",)
    dataset = open_dataset(replace(data, test="train"), SHAPE, 2)
    np.testing.assert_array_equal(dataset.train.labels, dataset.test.labels)


def test_grey_images_and_rows_of_numbers(tmp_path: Path) -> None:
    data = save(tmp_path, train=table(8), test=table(4))
    (grey,) = open_dataset(data, (1, 8, 8), 2).train.images(np.array([0]))
    assert grey.shape == (9, 8, 1)
    rows = datasets.Dataset.from_dict({"x": [[1.5, 2.0, n] for n in range(6)], "y": [0, 1, 2] * 2})
    rows.to_parquet(str(tmp_path / "rows.parquet"))
    data = HuggingFace(str(tmp_path / "rows.parquet"), batch=3, test="train", image="x", label="y")
    recipe = replace(recipe_of(data), augment=(), evaluate=())
    images, _ = Pipeline(open_dataset(data, (3,), 3), recipe, (3,)).batch(0)
    assert images.shape == (3, 3) and images.dtype == np.float32 and (images[:, 0] == 1.5).all()


def test_it_is_neither_there_nor_to_be_fetched(tmp_path: Path) -> None:
    diagnostic = refused(HuggingFace("nobody/nothing"))
    assert diagnostic.code == "R0802" and "`nobody/nothing`" in diagnostic.message
    assert "https://huggingface.co/datasets/nobody/nothing" in str(diagnostic.help)
    assert "save_to_disk" in str(diagnostic.help)


def test_files_that_are_damaged(tmp_path: Path) -> None:
    (tmp_path / "train.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    diagnostic = refused(HuggingFace(str(tmp_path / "train.parquet")))
    assert diagnostic.code == "R0803" and "train.parquet" in diagnostic.message


def test_an_image_that_is_damaged(tmp_path: Path) -> None:
    broken = table(8).cast_column("image", datasets.Image(decode=False))
    broken = broken.map(lambda row: {"image": {"bytes": row["image"]["bytes"][:60], "path": None}})
    broken = broken.cast_column("image", datasets.Image())
    data = save(tmp_path, train=broken, test=table(4))
    with pytest.raises(CompileError) as caught:
        list(open_dataset(data, SHAPE, 2).train.images(np.array([3])))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0803" and diagnostic.message.startswith("row 3 of `train` of")


def test_a_part_is_missing(tmp_path: Path) -> None:
    diagnostic = refused(save(tmp_path, train=table(8), validation=table(4)))
    assert diagnostic.code == "R0802" and "has no part `test`" in diagnostic.message
    assert diagnostic.notes == ("it has `train`, `validation`",)


@pytest.mark.parametrize("column", ["image", "label"])
def test_a_column_is_missing(column: str, tmp_path: Path) -> None:
    data = save(tmp_path, train=table(8), test=table(4))
    diagnostic = refused(replace(data, **{column: "img"}))
    assert diagnostic.code == "R0804" and "has no column `img`" in diagnostic.message
    assert diagnostic.notes == ("it has `image`, `label`",)


def test_labels_that_are_no_numbers(tmp_path: Path) -> None:
    named = datasets.Dataset.from_dict({"image": [[1.0]] * 3, "label": ["a", "b", "c"]})
    diagnostic = refused(save(tmp_path, train=named, test=named), (1,), 3)
    assert diagnostic.code == "R0804" and "class_encode_column" in str(diagnostic.help)
    none = datasets.Dataset.from_dict({"image": [[1.0]] * 3, "label": [0, None, 1]})
    assert refused(save(tmp_path / "b", train=none, test=none), (1,), 3).code == "R0804"


def test_labels_that_are_hidden(tmp_path: Path) -> None:
    hidden = table(4, label=[-1] * 4)
    diagnostic = refused(save(tmp_path, train=table(8), test=hidden))
    assert diagnostic.code == "R0804" and "has the label -1" in diagnostic.message


def test_another_number_of_classes(tmp_path: Path) -> None:
    diagnostic = refused(save(tmp_path, train=table(8), test=table(4)), SHAPE, 10)
    assert diagnostic.code == "R0805" and "has 2 classes" in diagnostic.message


def test_a_column_of_text(tmp_path: Path) -> None:
    text = datasets.Dataset.from_dict({"image": ["a", "b"], "label": [0, 1]})
    diagnostic = refused(save(tmp_path, train=text, test=text))
    assert diagnostic.code == "R0804" and "neither images nor numbers" in diagnostic.message


def test_no_rows(tmp_path: Path) -> None:
    diagnostic = refused(save(tmp_path, train=table(8), test=table(4).select([])))
    assert diagnostic.code == "R0803" and "cannot be read as a data set" in diagnostic.message
