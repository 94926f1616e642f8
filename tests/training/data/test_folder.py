"""Image folders: what is found, and a damaged image among a thousand."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.recipes.recipe import (
    CenterCrop,
    Constant,
    Flip,
    ImageFolder,
    RandomResizedCrop,
    RandomScaleCrop,
    Recipe,
    Resize,
    Schedule,
    Sgd,
    Transform,
)
from resdsl.records import replace
from resdsl.training.data.dataset import Dataset
from resdsl.training.data.pipeline import Pipeline
from resdsl.training.data.sources import open_dataset
from resdsl.training.data.sources.folder import Files

SHAPE = (3, 12, 12)


def picture(seed: int, height: int, width: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def make(root: Path, train: int = 8, test: int = 3, classes: int = 2) -> ImageFolder:
    """`train` images in all for training and `test` for the test, none like another in size."""
    for part, count in (("train", train), ("val", test)):
        for n in range(count):
            folder = root / part / f"class_{n % classes}"
            folder.mkdir(parents=True, exist_ok=True)
            picture(n, 14 + n % 5, 15 + n % 3).save(folder / f"image_{n:04}.png")
    return ImageFolder(str(root), batch=4)


def opened(data: ImageFolder, classes: int = 2, shape: tuple[int, ...] = SHAPE) -> Dataset:
    return open_dataset(data, shape, classes)


def refused(data: ImageFolder, classes: int = 2, shape: tuple[int, ...] = SHAPE) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        opened(data, classes, shape)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def recipe_of(data: ImageFolder, *augment: Transform) -> Recipe:
    return Recipe(
        "folder",
        data,
        Schedule(Constant(), 1),
        Sgd(),
        augment=augment or (RandomResizedCrop(12), Flip()),
        evaluate=(Resize(13), CenterCrop(12)),
    )


def damage(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def test_images_in_the_order_of_classes_and_names(tmp_path: Path) -> None:
    data = make(tmp_path)
    (tmp_path / "train" / "class_0" / "Thumbs.db").write_text("no image")
    (tmp_path / "train" / "class_0" / ".hidden.png").write_text("no image")
    (tmp_path / "train" / ".cache").mkdir()
    (tmp_path / "train" / "notes.txt").write_text("no class")
    inner = tmp_path / "train" / "class_1" / "more"
    inner.mkdir()
    picture(99, 20, 20).save(inner / "last.JPEG")
    dataset = opened(data)
    assert dataset.description == f"images of {tmp_path}: 9 training and 3 test samples"
    train = dataset.train
    np.testing.assert_array_equal(train.labels, [0, 0, 0, 0, 1, 1, 1, 1, 1])
    names = [str(Path(train.name(n)).relative_to(tmp_path / "train")) for n in range(9)]
    assert names[:2] == ["class_0/image_0000.png", "class_0/image_0002.png"]
    assert names[-2:] == ["class_1/image_0007.png", "class_1/more/last.JPEG"]
    first, second = train.images(np.array([5, 0]))
    np.testing.assert_array_equal(first, np.asarray(picture(3, 17, 15)))
    np.testing.assert_array_equal(second, np.asarray(picture(0, 14, 15)))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1", "I;16"])
def test_every_mode_becomes_three_channels_or_one(mode: str, tmp_path: Path) -> None:
    data = make(tmp_path, 1, 1, 1)
    image = picture(0, 14, 15)
    file = tmp_path / "train" / "class_0" / "image_0000.png"
    if mode == "CMYK":
        file.unlink()
        file = file.with_suffix(".jpg")
    (image.convert("L").convert("I;16") if mode == "I;16" else image.convert(mode)).save(file)
    for channels in (3, 1):
        dataset = opened(data, 1, (channels, 14, 15))
        (found,) = dataset.train.images(np.array([0]))
        assert found.shape == (14, 15, channels) and found.dtype == np.uint8


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_do_not_depend_on_who_decodes(workers: int, tmp_path: Path) -> None:
    recipe = recipe_of(make(tmp_path, train=16))
    made = Pipeline(opened(make(tmp_path, train=16)), recipe, SHAPE)
    expected = [made.batch(step) for step in range(2, 8)]
    with made.batches(2, 8, workers=workers) as batches:
        for (images, labels), (others, targets) in zip(expected, batches, strict=True):
            assert images.tobytes() == others.tobytes() and images.shape == (4, 12, 12, 3)
            assert labels.tobytes() == targets.tobytes()
    halves = [made.batch(3, (rank, 2))[0] for rank in range(2)]
    assert np.concatenate(halves).tobytes() == made.batch(3)[0].tobytes()
    with made.test_batches(2, workers=workers) as tests:
        assert [list(labels) for _, labels in tests] == [[0, 0], [1, -1]]


def test_scale_augmentation_of_the_paper(tmp_path: Path) -> None:
    recipe = recipe_of(make(tmp_path), RandomScaleCrop(12, 13, 20))
    images, _ = Pipeline(opened(make(tmp_path)), recipe, SHAPE).batch(1)
    assert images.shape == (4, 12, 12, 3) and 0 <= images.min() < images.max() <= 1


# ---- damaged images ------------------------------------------------------------------------------


def test_one_damaged_image_among_a_thousand(tmp_path: Path) -> None:
    data = replace(make(tmp_path, train=1000), batch=50)
    victim = tmp_path / "train" / "class_1" / "image_0777.png"
    damage(victim)
    made = Pipeline(opened(data), recipe_of(data), SHAPE)
    with pytest.raises(CompileError) as caught, made.batches(0, 20) as batches:
        for _ in batches:
            pass
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0803"
    assert diagnostic.message.startswith(f"the image `{victim}` cannot be decoded: ")
    assert "skip_corrupt" in str(diagnostic.help)

    left = opened(replace(data, skip_corrupt=True))
    assert left.skipped == 1 and len(left.train.labels) == 999
    assert left.description.endswith("999 training and 3 test samples; 1 damaged left out")
    made = Pipeline(left, recipe_of(data), SHAPE)
    with made.batches(0, made.steps_per_epoch) as batches:
        assert len(list(batches)) == 19  # 999 images make 19 batches of 50.
    # Nothing else is lost, and what is left is what there would be without the file.
    victim.unlink()
    without = opened(data).train
    assert isinstance(without, Files) and isinstance(left.train, Files)
    np.testing.assert_array_equal(without.names, left.train.names)


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_files_that_are_no_images(content: bytes, tmp_path: Path) -> None:
    data = make(tmp_path)
    victim = tmp_path / "val" / "class_0" / "image_0000.png"
    victim.write_bytes(content)
    with pytest.raises(CompileError) as caught:
        list(opened(data).test.images(np.arange(3)))
    assert caught.value.diagnostics[0].code == "R0803"
    assert str(victim) in caught.value.diagnostics[0].message
    left = opened(replace(data, skip_corrupt=True))
    assert left.skipped == 1 and len(left.test.labels) == 2


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_photograph_that_is_cut_off(keep: float, tmp_path: Path) -> None:
    data = make(tmp_path, 1, 1, 1)
    file = tmp_path / "train" / "class_0" / "z.jpg"
    picture(0, 64, 64).save(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(keep * len(whole))])
    with pytest.raises(CompileError) as caught:
        list(opened(data, 1).train.images(np.array([1])))
    assert str(file) in caught.value.diagnostics[0].message


def test_all_images_are_damaged(tmp_path: Path) -> None:
    data = replace(make(tmp_path), skip_corrupt=True)
    for file in tmp_path.glob("val/*/*.png"):
        file.write_bytes(b"")
    diagnostic = refused(data)
    assert diagnostic.code == "R0803" and "none of the images" in diagnostic.message


# ---- another layout ------------------------------------------------------------------------------


def test_nothing_there(tmp_path: Path) -> None:
    diagnostic = refused(ImageFolder(str(tmp_path / "none")))
    assert diagnostic.code == "R0802" and "image-net.org" in diagnostic.notes[0]
    assert f"{tmp_path}/none/train/CLASS/NAME.jpg" in str(diagnostic.help)


def test_a_part_is_missing(tmp_path: Path) -> None:
    data = replace(make(tmp_path), test="test")
    assert refused(data).message == f"there is no folder `{tmp_path / 'test'}`"


def test_an_empty_folder(tmp_path: Path) -> None:
    for part in ("train", "val"):
        (tmp_path / part).mkdir()
    diagnostic = refused(ImageFolder(str(tmp_path)))
    assert diagnostic.code == "R0804" and "is empty" in diagnostic.message


def test_an_empty_class(tmp_path: Path) -> None:
    data = make(tmp_path)
    (tmp_path / "train" / "class_2").mkdir()
    diagnostic = refused(data, 3)
    assert diagnostic.code == "R0804"
    assert diagnostic.message == f"the folder `{tmp_path / 'train' / 'class_2'}` has no images"


def test_images_without_classes(tmp_path: Path) -> None:
    """As the validation images of ImageNet are published."""
    data = make(tmp_path)
    for part in ("val",):
        for file in (tmp_path / part).glob("*/*.png"):
            file.rename(tmp_path / part / file.name)
        for folder in (tmp_path / part).glob("class_*"):
            folder.rmdir()
    diagnostic = refused(data)
    assert diagnostic.code == "R0804" and "no folder for each class" in diagnostic.message


def test_classes_of_the_test_alone(tmp_path: Path) -> None:
    data = make(tmp_path)
    (tmp_path / "val" / "class_0").rename(tmp_path / "val" / "klass_0")
    diagnostic = refused(data)
    assert diagnostic.code == "R0804" and "the class `klass_0`, which" in diagnostic.message


def test_a_test_may_lack_a_class(tmp_path: Path) -> None:
    data = make(tmp_path)
    for file in (tmp_path / "val" / "class_0").iterdir():
        file.unlink()
    (tmp_path / "val" / "class_0").rmdir()
    np.testing.assert_array_equal(opened(data).test.labels, [1])


def test_another_number_of_classes(tmp_path: Path) -> None:
    diagnostic = refused(make(tmp_path), 1000)
    assert diagnostic.code == "R0805"
    assert "has 2 classes, and the network has 1,000 outputs" in diagnostic.message


@pytest.mark.parametrize("shape", [(4, 12, 12), (3, 12), (64,)])
def test_networks_that_take_no_images(shape: tuple[int, ...], tmp_path: Path) -> None:
    assert refused(make(tmp_path), 2, shape).code == "R0805"


def test_sizes_that_differ_need_a_transform(tmp_path: Path) -> None:
    data = make(tmp_path)
    made = Pipeline(opened(data), recipe_of(data, Flip()), SHAPE)
    with pytest.raises(CompileError) as caught:
        made.batch(0)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0805" and str(tmp_path) in diagnostic.message
    assert "the network takes 12 x 12 x 3" in diagnostic.message


def test_an_image_that_is_too_small_for_a_crop(tmp_path: Path) -> None:
    data = make(tmp_path)
    picture(0, 9, 30).save(tmp_path / "train" / "class_0" / "image_0000.png")
    made = Pipeline(opened(data), recipe_of(data, CenterCrop(12)), SHAPE)
    with pytest.raises(CompileError) as caught:
        list(map(made.batch, range(2)))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0806" and "image_0000.png" in diagnostic.message
    assert "`center_crop` cuts 12 x 12 out of images of 9 x 30" in diagnostic.message


def test_a_scale_below_the_crop(tmp_path: Path) -> None:
    data = make(tmp_path)
    with pytest.raises(CompileError) as caught:
        Pipeline(opened(data), recipe_of(data, RandomScaleCrop(12, 8, 20)), SHAPE)
    assert caught.value.diagnostics[0].code == "R0806"
