"""Digits, arrays and synthetic data: what they give, and what they refuse."""

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.recipes.recipe import Arrays, Data, Digits, HuggingFace, ImageFolder, Synthetic
from resdsl.training.data.dataset import Dataset, Memory
from resdsl.training.data.sources import open_dataset
from resdsl.training.data.sources.digits import bilinear

SHAPE = (3, 4, 5)


def refused(data: Data, shape: tuple[int, ...] = SHAPE, outputs: int = 3) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        open_dataset(data, shape, outputs)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


# ---- digits --------------------------------------------------------------------------------------


def opened_digits(*shape: int) -> tuple[Memory, Memory]:
    dataset = open_dataset(Digits(), shape, 10)
    assert isinstance(dataset.train, Memory) and isinstance(dataset.test, Memory)
    return dataset.train, dataset.test


def test_every_fifth_digit_is_for_the_test() -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    train, test = opened_digits(1, 8, 8)
    assert len(train.labels) == 1438 and len(test.labels) == 359
    np.testing.assert_array_equal(test.labels, digits.target[4::5])
    grey = np.rint(digits.images[4::5] / 16 * 255)
    np.testing.assert_array_equal(test.array[..., 0], grey)
    assert train.array.dtype == np.uint8 and train.labels.dtype == np.int64
    np.testing.assert_array_equal(train.array[:4, ..., 0], np.rint(digits.images[:4] / 16 * 255))


@pytest.mark.parametrize("height,width", [(32, 32), (28, 20), (5, 8), (4, 3)])
def test_digits_are_made_as_large_as_the_input(height: int, width: int) -> None:
    small, _ = opened_digits(1, 8, 8)
    train, _ = opened_digits(3, height, width)
    assert train.array.shape == (1438, height, width, 3)
    for channel in (1, 2):
        np.testing.assert_array_equal(train.array[..., channel], train.array[..., 0])
    for n in (0, 700):
        image = Image.fromarray(small.array[n, ..., 0])
        expected = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
        assert np.abs(train.array[n, ..., 0].astype(int) - expected).max() <= 1


def test_shares_add_up() -> None:
    for old, new in ((8, 8), (8, 32), (8, 3), (1, 5)):
        np.testing.assert_allclose(bilinear(old, new).sum(axis=1), 1)
    np.testing.assert_array_equal(bilinear(8, 8), np.eye(8))


@pytest.mark.parametrize("shape", [(64,), (1, 64), (4, 64)])
def test_digits_as_rows_and_sequences(shape: tuple[int, ...]) -> None:
    images, _ = opened_digits(1, 8, 8)
    rows, _ = opened_digits(*shape)
    assert rows.array.shape == (1438, *shape[1:], shape[0])
    flat = images.array.reshape(1438, 64)
    if len(shape) == 1:
        np.testing.assert_array_equal(rows.array, flat)
    else:
        np.testing.assert_array_equal(rows.array, np.repeat(flat[..., None], shape[0], axis=2))


@pytest.mark.parametrize("shape", [(63,), (1, 32), (1, 8, 8, 8)])
def test_digits_for_other_networks(shape: tuple[int, ...]) -> None:
    diagnostic = refused(Digits(), shape, 10)
    assert diagnostic.code == "R0805" and "rows of 64" in diagnostic.message


def test_digits_have_ten_classes() -> None:
    diagnostic = refused(Digits(), (3, 32, 32), 1000)
    assert diagnostic.code == "R0805"
    assert diagnostic.message == "`digits` has 10 classes, and the network has 1,000 outputs"


# ---- synthetic -----------------------------------------------------------------------------------


def test_synthetic_data_follows_from_the_seed() -> None:
    def opened(seed: int) -> Dataset:
        return open_dataset(Synthetic(samples=40), SHAPE, 7, seed)

    first, again, other = opened(3), opened(3), opened(4)
    assert isinstance(first.train, Memory) and isinstance(other.train, Memory)
    assert isinstance(again.train, Memory) and isinstance(first.test, Memory)
    assert first.train.array.shape == (40, 4, 5, 3) and first.test.array.shape == (10, 4, 5, 3)
    np.testing.assert_array_equal(first.train.array, again.train.array)
    assert (first.train.array != other.train.array).mean() > 0.9
    assert set(first.train.labels) <= set(range(7)) and len(set(first.train.labels)) > 3
    assert abs(first.train.array.mean() - 127.5) < 10


def test_no_synthetic_data() -> None:
    assert refused(Synthetic(samples=0)).code == "R0806"


# ---- arrays --------------------------------------------------------------------------------------


def arrays(**changes: Any) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    made = {
        "train_images": rng.integers(0, 256, (9, 4, 5, 3), dtype=np.uint8),
        "train_labels": np.arange(9) % 3,
        "test_images": rng.integers(0, 256, (4, 4, 5, 3), dtype=np.uint8),
        "test_labels": np.arange(4) % 3,
    }
    made.update(changes)
    return {name: array for name, array in made.items() if array is not None}


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Arrays]:
    def save(**changes: Any) -> Arrays:
        path = tmp_path / "data.npz"
        np.savez(path, **arrays(**changes))
        return Arrays(str(path))

    return save


def test_arrays_are_taken_as_they_are(saved: Callable[..., Arrays]) -> None:
    dataset = open_dataset(saved(), SHAPE, 3)
    assert isinstance(dataset.train, Memory) and isinstance(dataset.test, Memory)
    np.testing.assert_array_equal(dataset.train.array, arrays()["train_images"])
    np.testing.assert_array_equal(dataset.test.labels, arrays()["test_labels"])
    assert dataset.description == "arrays of data.npz: 9 training and 4 test samples"
    assert dataset.train.labels.dtype == np.int64


def test_floats_rows_and_grey_images(saved: Callable[..., Arrays]) -> None:
    rows = saved(train_images=np.ones((9, 7)), test_images=np.ones((4, 7)))
    train = open_dataset(rows, (7,), 3).train
    assert isinstance(train, Memory) and train.array.dtype == np.float32
    grey = saved(
        train_images=np.ones((9, 4, 5), np.uint8), test_images=np.ones((4, 4, 5, 1), np.uint8)
    )
    dataset = open_dataset(grey, (1, 4, 5), 3)
    assert dataset.train.shape == dataset.test.shape == (4, 5, 1)


def test_there_is_no_file(tmp_path: Path) -> None:
    diagnostic = refused(Arrays(str(tmp_path / "none.npz")))
    assert diagnostic.code == "R0802" and "np.savez" in str(diagnostic.help)


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"test_labels": None}, "R0804", "lacks `test_labels`"),
        ({"train_images": None, "test_images": None}, "R0804", "`train_images`, `test_images`"),
        ({"train_labels": np.array([object()] * 9)}, "R0804", "`train_labels` of"),
        ({"train_labels": np.arange(9) % 4}, "R0804", "has the label 3, and there are 3 classes"),
        ({"test_labels": np.array([0, 1, -1, 2])}, "R0804", "has the label -1"),
        ({"train_labels": np.arange(9) / 9}, "R0804", "of type float64; labels are one whole"),
        ({"train_labels": np.eye(9, dtype=int)}, "R0804", "is 9 x 9 of type int64"),
        ({"train_labels": np.zeros(8, int)}, "R0804", "has 9 `train_images` and 8 `train_labels`"),
        ({"test_images": np.zeros((4, 4, 5, 3), int)}, "R0804", "of type int64; images are bytes"),
        ({"test_images": np.full((4, 4, 5, 3), np.nan)}, "R0804", "infinite or no numbers"),
        ({"test_images": np.zeros((4, 60))}, "R0805", "is 4 x 60, and the network takes batches"),
        (
            {"test_images": np.zeros((0, 4, 5, 3), np.uint8), "test_labels": np.zeros(0, int)},
            "R0804",
            "`test_images` of",
        ),
    ],
)
def test_arrays_of_another_form(
    changes: dict[str, Any], code: str, message: str, saved: Callable[..., Arrays]
) -> None:
    diagnostic = refused(saved(**changes))
    assert diagnostic.code == code and message in diagnostic.message


def test_what_a_file_has_instead(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=np.zeros(3))
    diagnostic = refused(Arrays(str(path)))
    assert diagnostic.notes == ("it has `x_train`",) and "np.savez" in str(diagnostic.help)


def test_a_pickled_array_is_not_read(saved: Callable[..., Arrays]) -> None:
    diagnostic = refused(saved(train_images=np.array([Bomb()] * 9)))
    assert diagnostic.code == "R0804" and "may run code" in diagnostic.message


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("the pickle was run",)


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.7, 0.99])
def test_a_file_that_is_cut_off(keep: float, saved: Callable[..., Arrays]) -> None:
    path = Path(saved().path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    diagnostic = refused(Arrays(str(path)))
    assert diagnostic.code == "R0803" and str(path) in diagnostic.message


def test_a_file_that_is_damaged_within(saved: Callable[..., Arrays]) -> None:
    path = Path(saved().path)
    data = bytearray(path.read_bytes())
    data[300] ^= 0xFF  # Within the first images: the checksum no longer fits.
    path.write_bytes(data)
    diagnostic = refused(Arrays(str(path)))
    assert diagnostic.code == "R0803" and "`train_images`" in diagnostic.message


@pytest.mark.parametrize("kind", ["text", "folder", "npy", "zip"])
def test_a_file_of_another_kind(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    if kind == "text":
        path.write_text("images")
    if kind == "folder":
        path.mkdir()
    if kind == "npy":
        with path.open("wb") as file:
            np.save(file, np.zeros(3))
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name in ("train_images", "train_labels", "test_images", "test_labels"):
                archive.writestr(name, b"no array")
    assert refused(Arrays(str(path))).code in ("R0803", "R0804")


# ---- packages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "package", "install"),
    [
        (Digits(), "sklearn", "resdsl[train]"),
        (ImageFolder("x"), "PIL", "resdsl[train]"),
        (HuggingFace("x"), "datasets", "resdsl[huggingface]"),
    ],
)
def test_a_package_is_missing(
    data: Data, package: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(package, monkeypatch)
    diagnostic = refused(data, (3, 32, 32), 10)
    assert diagnostic.code == "R0801" and "is not installed" in diagnostic.message
    assert diagnostic.help == f"`pip install '{install}'`"


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a package not be there."""
    for name in [package, *(name for name in sys.modules if name.startswith(f"{package}."))]:
        monkeypatch.setitem(sys.modules, name, None)


def test_grain_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from resdsl.training.data.ahead import Batches

    without("grain", monkeypatch)
    with pytest.raises(CompileError) as caught:
        Batches(lambda step: (np.zeros(1), np.zeros(1)), 0, 1, 0, decodes=False)
    assert caught.value.diagnostics[0].code == "R0801"
