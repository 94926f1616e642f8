"""Each transform against its definition, and as a function that a script can print."""

import ast
import builtins
import inspect

import numpy as np
import pytest
from PIL import Image

from resdsl.recipes import recipe
from resdsl.records import fields
from resdsl.training.data import transforms
from resdsl.training.data.augment import NAMES, shape_after


class Given:
    """A generator whose numbers are known."""

    def __init__(self, *numbers: object) -> None:
        self.numbers = [np.atleast_1d(np.asarray(n, float)) for n in numbers]

    def random(self, size: int) -> np.ndarray:
        numbers = self.numbers.pop(0)
        assert len(numbers) == size
        return numbers


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def smooth(height: int, width: int) -> np.ndarray:
    """An image that can be resized: a few waves, N = 1."""
    y, x = np.mgrid[:height, :width].astype(float)
    planes = [127 + 100 * np.sin(x / (9 + c) + y / (13 - c)) for c in range(3)]
    return np.rint(np.stack(planes, axis=-1)).astype(np.uint8)[None]


def test_pad_crop() -> None:
    images = noise(3, 4, 5, 2)
    rng = Given([0.0, 0.5, 0.999], [0.999, 0.5, 0.0])
    cropped = transforms.pad_crop(images, rng, padding=1)
    np.testing.assert_array_equal(cropped[1], images[1])
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    np.testing.assert_array_equal(cropped[0], padded[0, 0:4, 2:7])
    np.testing.assert_array_equal(cropped[2], padded[2, 2:6, 0:5])
    assert cropped.dtype == np.uint8


def test_pad_crop_is_everywhere_alike() -> None:
    images = np.arange(1, 26, dtype=np.float32).reshape(1, 5, 5, 1).repeat(8100, axis=0)
    cropped = transforms.pad_crop(images, np.random.default_rng(0), padding=4)
    middles = cropped[:, 2, 2, 0].astype(int)  # What has come to the middle says from where.
    counts = np.bincount(middles)[1:]
    # 9 x 9 offsets, of which 5 x 5 leave a pixel in the middle.
    assert counts.shape == (25,) and np.abs(counts / 100 - 1).max() < 0.4
    assert abs((middles == 0).mean() - 56 / 81) < 0.02


def test_flip() -> None:
    images = noise(4, 3, 5, 3)
    before = images.copy()
    flipped = transforms.flip(images, Given([0.0, 0.3, 0.29, 0.9]), p=0.3)
    np.testing.assert_array_equal(flipped[[1, 3]], images[[1, 3]])
    np.testing.assert_array_equal(flipped[[0, 2]], images[[0, 2], :, ::-1])
    np.testing.assert_array_equal(images, before)


def test_random_resized_crop_is_a_resized_part() -> None:
    image = smooth(60, 90)
    # The first try is too wide, the second is taken: the rest is drawn and not used.
    wide, square = [1.0, 1.0], [0.25, 0.5]
    rng = Given(*wide, *square, *[0.5] * 16, 0.0, 0.999)
    options = {"min_scale": 0.0, "max_scale": 1.0, "min_ratio": 1 / 4, "max_ratio": 4.0}
    found = transforms.random_resized_crop(image, rng, size=20, **options)
    side = round((60 * 90 * 0.25) ** 0.5)
    part = Image.fromarray(image[0, :side, 90 - side :])
    expected = np.asarray(part.resize((20, 20), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(found[0], expected)
    assert rng.numbers == []


def test_random_resized_crop_without_a_fit_takes_the_middle() -> None:
    image = smooth(20, 200)
    options = {"min_scale": 1.0, "max_scale": 1.0, "min_ratio": 3 / 4, "max_ratio": 4 / 3}
    rng = Given(*[0.5] * 22)
    found = transforms.random_resized_crop(image, rng, size=10, **options)
    part = Image.fromarray(image[0, :, (200 - 27) // 2 : (200 - 27) // 2 + 27])
    expected = np.asarray(part.resize((10, 10), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(found[0], expected)


def test_random_resized_crop_keeps_to_its_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []
    resize = Image.Image.resize

    def noted(self: Image.Image, *args: object, **kwargs: object) -> Image.Image:
        sizes.append(self.size)
        return resize(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "resize", noted)
    images = np.zeros((2000, 100, 80, 1), np.uint8)
    transforms.random_resized_crop(images, np.random.default_rng(0), 4, 0.08, 1.0, 3 / 4, 4 / 3)
    wide, high = np.array(sizes).T
    share, ratio = wide * high / 8000, wide / high
    assert share.min() > 0.06 and share.max() <= 1 and ratio.min() > 0.7 and ratio.max() < 1.42
    assert 0.4 < share.mean() < 0.55 and abs(np.log(ratio).mean()) < 0.06
    assert wide.max() <= 80 and high.max() <= 100


def test_random_scale_crop_is_a_part_of_the_resized_image() -> None:
    image = smooth(50, 80)
    for down, across in ((0.0, 0.0), (0.4, 0.7), (0.9999, 0.9999)):
        rng = Given(0.5, down, across)
        found = transforms.random_scale_crop(image, rng, size=24, shortest=30, longest=40)
        whole = Image.fromarray(image[0]).resize((56, 35), Image.Resampling.BILINEAR)
        top, left = int(down * (35 - 24 + 1)), int(across * (56 - 24 + 1))
        part = np.asarray(whole)[top : top + 24, left : left + 24].astype(int)
        assert np.abs(found[0].astype(int) - part).max() <= 1
    for _ in range(50):
        rng = np.random.default_rng(_)
        found = transforms.random_scale_crop(smooth(31, 47), rng, 24, 24, 70)
        assert found.shape == (1, 24, 24, 3)


def test_color_by_hand() -> None:
    images = np.full((1, 2, 2, 3), (100, 50, 200), np.float32)
    images[0, 0] = 0
    rng = Given(1.0, 0.0, 1.0)
    found = transforms.color(images, rng, brightness=0.5, contrast=0.5, saturation=1.0)
    bright = images[0] * 1.5
    shares = np.array([0.299, 0.587, 0.114])
    mean = (bright @ shares).mean()
    flat = mean + 0.5 * (bright - mean)
    grey = (flat @ shares)[..., None]
    np.testing.assert_allclose(found[0], grey + 2 * (flat - grey), rtol=1e-5)


def test_color_of_bytes_stays_in_bytes_and_does_nothing_at_strength_zero() -> None:
    images = noise(5, 6, 7, 3)
    rng = np.random.default_rng(0)
    same = transforms.color(images, rng, brightness=0, contrast=0, saturation=0)
    np.testing.assert_array_equal(same, images)
    wild = transforms.color(images, rng, brightness=1.0, contrast=1.0, saturation=1.0)
    assert wild.dtype == np.uint8 and wild.min() == 0 and wild.max() == 255
    grey = transforms.color(noise(2, 4, 4, 1), rng, 0.4, 0.4, 0.4)
    assert grey.shape == (2, 4, 4, 1)


@pytest.mark.parametrize("height,width,size", [(40, 60, 20), (60, 40, 90), (33, 50, 17)])
def test_resize_is_that_of_pillow(height: int, width: int, size: int) -> None:
    image = smooth(height, width)
    high, wide = round(height * size / min(height, width)), round(width * size / min(height, width))
    found = transforms.resize(image, size)
    expected = Image.fromarray(image[0]).resize((wide, high), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(found[0], np.asarray(expected))
    assert found.shape[1:] == shape_after(recipe.Resize(size), (height, width, 3))
    floats = transforms.resize(image.astype(np.float32), size)
    assert floats.dtype == np.float32 and np.abs(floats - found).max() <= 1


def test_center_crop() -> None:
    images = noise(2, 5, 8, 3)
    np.testing.assert_array_equal(transforms.center_crop(images, 3), images[:, 1:4, 2:5])


def test_normalize() -> None:
    images = noise(2, 4, 5, 3)
    mean, std = [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]
    expected = (images / 255.0 - mean) / std
    for given in (images, np.broadcast_to(images[..., :1], images.shape), images[:, 1:3]):
        expected = (given / 255.0 - mean) / std
        found = transforms.normalize(given, mean, std)
        assert found.dtype == np.float32 and found.flags.c_contiguous
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    floats = images.astype(np.float32)
    np.testing.assert_allclose(transforms.normalize(floats, 1.0, 2.0), (floats - 1) / 2, rtol=1e-6)
    rows = np.random.default_rng(0).random((6, 9)).astype(np.float32)
    np.testing.assert_allclose(transforms.normalize(rows, [0.5], [2.0]), (rows - 0.5) / 2)


def test_mixup() -> None:
    images = np.random.default_rng(0).random((4, 2, 3)).astype(np.float32)
    labels = np.eye(4, dtype=np.float32)
    mixed, targets = transforms.mixup(images, labels, np.random.default_rng(3), alpha=0.2)
    w = np.random.default_rng(3).beta(0.2, 0.2)
    np.testing.assert_allclose(mixed, w * images + (1 - w) * images[::-1], rtol=1e-6)
    np.testing.assert_allclose(targets, w * labels + (1 - w) * labels[::-1], rtol=1e-6)
    assert mixed.dtype == targets.dtype == np.float32


def test_cutmix_counts_the_area_that_was_cut() -> None:
    images = np.zeros((6, 20, 30, 1), np.float32)
    images[3:] = 1
    labels = np.eye(6, dtype=np.float32)
    shares = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        mixed, targets = transforms.cutmix(images, labels, rng, alpha=1.0)
        share = float(mixed[0].mean())
        shares.append(share)
        np.testing.assert_allclose(targets[0, 5], share, atol=1e-6)
        np.testing.assert_allclose(targets[0, 0], 1 - share, atol=1e-6)
        np.testing.assert_allclose(mixed[5].mean(), 1 - share, atol=1e-6)
        rows, columns = np.nonzero(mixed[0, :, :, 0])
        box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1) if len(rows) else 0
        assert box == len(rows)  # It is one box.
    assert min(shares) < 0.05 and max(shares) > 0.7 and mixed.dtype == np.float32


# ---- printed functions ---------------------------------------------------------------------------

FUNCTIONS = [*NAMES.values(), "normalize", "mixup", "cutmix"]


def test_every_transform_is_a_function_with_the_recipe_s_names() -> None:
    kinds = {**NAMES, recipe.Normalize: "normalize", recipe.Mixup: "mixup", recipe.CutMix: "cutmix"}
    for kind, name in kinds.items():
        given = list(inspect.signature(getattr(transforms, name)).parameters)
        assert [p for p in given if p not in ("images", "labels", "rng")] == [
            field.name for field in fields(kind)
        ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_stands_alone(name: str) -> None:
    """Its text runs with `np` alone, and every name in it is its own, a builtin or `np`."""
    text = inspect.getsource(getattr(transforms, name))
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef) and not function.decorator_list
    read = {node.id for part in function.body for node in ast.walk(part) if is_read(node)}
    own = {node.id for node in ast.walk(function) if is_written(node)}
    own |= {argument.arg for argument in function.args.args}
    own |= {n.name for i in ast.walk(function) if isinstance(i, ast.ImportFrom) for n in i.names}
    assert read - own - set(dir(builtins)) <= {"np"}


def is_read(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def is_written(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
