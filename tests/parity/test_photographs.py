"""Photographs as batches: seeded, resized by areas, and refused where they do not fit."""

import sys
from collections.abc import Callable

import numpy as np
import pytest

from resdsl.diagnostics import CompileError
from resdsl.ir.graph import Graph
from resdsl.parity import photographs
from resdsl.parity.facts import facts_of

Network = Callable[[str], Graph]


@pytest.fixture
def photos() -> list[np.ndarray]:
    """Stand-ins: the pipeline does not need the real ones."""
    generator = np.random.Generator(np.random.PCG64(0))
    return [generator.integers(0, 256, (60, 90, 3)).astype(np.uint8) for _ in range(2)]


@pytest.mark.parametrize(("old", "new"), [(8, 4), (7, 3), (5, 5), (3, 7), (427, 64)])
def test_areas_share_every_pixel_out(old: int, new: int) -> None:
    shares = photographs.areas(old, new)
    assert shares.shape == (new, old) and (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(shares.sum(axis=0), new / old, rtol=1e-12)


def test_resizing_halves_by_means() -> None:
    image = np.arange(4 * 6 * 3, dtype=np.float64).reshape(4, 6, 3)
    small = photographs.resize(image, 2, 3)
    np.testing.assert_allclose(small[1, 2], image[2:4, 4:6].mean(axis=(0, 1)), rtol=1e-12)
    np.testing.assert_allclose(small.mean(axis=(0, 1)), image.mean(axis=(0, 1)), rtol=1e-12)


def test_crops_stay_inside() -> None:
    shapes = [(427, 640, 3), (20, 30, 3)]
    generator = np.random.Generator(np.random.PCG64(1))
    edges = [np.zeros(5), np.ones(5), *generator.random((500, 5))]
    for numbers in edges:
        crop = photographs.crop_from(numbers, shapes, aspect=1.0)
        rows, columns, _ = shapes[crop.photograph]
        assert crop.top >= 0 and crop.top + crop.height <= rows and crop.height > 0
        assert crop.left >= 0 and crop.left + crop.width <= columns and crop.width > 0


def test_batches_are_seeded(small: Graph, photos: list[np.ndarray]) -> None:
    facts = facts_of(small)
    batch = photographs.batch_of(facts, photos, 4, 0, 0)
    assert batch.shape == (4, 3, 16, 16) and batch.dtype == np.float32
    assert np.array_equal(batch, photographs.batch_of(facts, photos, 4, 0, 0))
    assert not np.array_equal(batch, photographs.batch_of(facts, photos, 4, 1, 0))
    assert not np.array_equal(batch, photographs.batch_of(facts, photos, 4, 0, 1))
    assert not np.array_equal(batch[0], batch[1])


def test_one_channel_is_grey(network: Network, photos: list[np.ndarray]) -> None:
    facts = facts_of(network("input(1, 8, 8); conv(4, 3)"))
    photographs.check(facts)
    assert photographs.batch_of(facts, photos, 2, 0, 0).shape == (2, 1, 8, 8)


def test_five_channels_are_refused(network: Network) -> None:
    with pytest.raises(CompileError) as caught:
        photographs.check(facts_of(network("input(5, 8, 8); conv(4, 3)")))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0606" and "5 x 8 x 8" in diagnostic.message


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(CompileError) as caught:
        photographs.photographs()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0602" and "scikit-learn" in diagnostic.message


def test_the_photographs_are_the_real_ones() -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("PIL")
    china, flower = photographs.photographs()
    assert china.shape == flower.shape == (427, 640, 3)
    assert china.dtype == np.uint8 and not np.array_equal(china, flower)
