"""A batch is a function of the seed and the step, whatever makes it."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.recipes.recipe import (
    Color,
    Constant,
    CutMix,
    Digits,
    Flip,
    Mix,
    Mixup,
    Normalize,
    PadCrop,
    RandomResizedCrop,
    Recipe,
    Resize,
    Schedule,
    Sgd,
    Synthetic,
    Transform,
)
from resdsl.records import replace
from resdsl.training.data.ahead import AHEAD, AHEAD_OF_PROCESS, Batches
from resdsl.training.data.dataset import Dataset, Memory
from resdsl.training.data.pipeline import Pipeline
from resdsl.training.data.problems import damaged
from resdsl.training.data.sources import open_dataset

SHAPE = (3, 8, 10)
AUGMENT: tuple[Transform, ...] = (PadCrop(2), Flip(), Color())
RECIPE = Recipe(
    "small",
    Synthetic(samples=50, batch=12),
    Schedule(Constant(), 1),
    Sgd(),
    augment=AUGMENT,
    normalize=Normalize((0.5, 0.4, 0.3), (0.2,)),
    seed=5,
)


def pipeline(recipe: Recipe = RECIPE, shape: tuple[int, ...] = SHAPE) -> Pipeline:
    return Pipeline(open_dataset(recipe.data, shape, 10, recipe.seed), recipe, shape)


def digest(batches: object) -> str:
    found = hashlib.sha256()
    for images, labels in batches:  # type: ignore[attr-defined]
        found.update(images.tobytes())
        found.update(labels.tobytes())
    return found.hexdigest()


def refused(recipe: Recipe, shape: tuple[int, ...] = SHAPE) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        pipeline(recipe, shape)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def test_an_epoch_has_every_sample_at_most_once_in_an_order_of_its_own() -> None:
    count = 50
    rows = np.arange(count, dtype=np.float32)[:, None]
    memory = Memory(rows, np.zeros(count, np.int64))
    recipe = replace(RECIPE, augment=(), normalize=None)
    made = Pipeline(Dataset(memory, memory, 1, "rows"), recipe, (1,))
    assert made.steps_per_epoch == 4
    epochs = []
    for epoch in range(3):
        with made.batches(4 * epoch, 4 * epoch + 4) as batches:
            epochs.append(np.concatenate([images[:, 0] for images, _ in batches]))
    for seen in epochs:
        assert len(seen) == len(set(seen)) == 48
    assert not np.array_equal(epochs[0], epochs[1]) and not np.array_equal(epochs[1], epochs[2])
    assert set(epochs[0]) != set(epochs[1])  # Other samples are left out.


@pytest.mark.parametrize("mix", [None, Mixup(), CutMix()], ids=str)
def test_any_step_may_come_first(mix: Mix | None) -> None:
    recipe = replace(RECIPE, mix=mix)
    with pipeline(recipe).batches(0, 9) as batches:
        run = list(batches)
    assert len(run) == 9
    for start in (8, 5, 4, 0):
        with pipeline(recipe).batches(start, 9) as batches:
            for (images, labels), (others, targets) in zip(run[start:], batches, strict=True):
                assert images.tobytes() == others.tobytes()
                assert labels.tobytes() == targets.tobytes()


def test_images_are_floats_and_labels_whole_numbers() -> None:
    images, labels = pipeline().batch(0)
    assert images.shape == (12, 8, 10, 3) and images.dtype == np.float32
    assert images.flags.c_contiguous and images.flags.writeable
    assert labels.shape == (12,) and labels.dtype == np.int64
    mixed, targets = pipeline(replace(RECIPE, mix=Mixup())).batch(0)
    assert mixed.dtype == targets.dtype == np.float32 and targets.shape == (12, 10)
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)


def test_worker_processes_change_nothing() -> None:
    made = pipeline(replace(RECIPE, mix=CutMix()))
    found = []
    for workers in (0, 1, 2):
        with made.batches(3, 10, workers=workers) as batches:
            found.append(digest(batches))
    assert len(set(found)) == 1


def test_another_process_makes_the_same_bytes(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_pipeline import digest, pipeline\n"
        "print(digest(map(pipeline().batch, range(6))))\n"
    )
    run = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )
    assert run.stdout.strip() == digest(map(pipeline().batch, range(6)))


def test_what_a_seed_means_stays_as_it_is() -> None:
    """A run may be resumed with another version of this package, of NumPy or of Grain."""
    recipe = replace(RECIPE, augment=(PadCrop(2), Flip()), normalize=None)
    found = digest(map(pipeline(recipe).batch, range(6)))
    assert found == "baae4666968ece6aaf13dcf26796774c5858a96f3011333ace205bea9b10e5fd"


@pytest.mark.parametrize("mix", [None, Mixup(), CutMix()], ids=str)
@pytest.mark.parametrize("accumulate", [1, 2])
def test_shards_joined_are_the_whole(mix: Mix | None, accumulate: int) -> None:
    made = pipeline(replace(RECIPE, mix=mix, accumulate=accumulate))
    for step in (0, 5):
        whole = made.batch(step)
        parts = [made.batch(step, (rank, 3)) for rank in range(3)]
        for index in (0, 1):
            # A micro-batch after the other, each of them in three parts.
            cut = [np.split(part[index], accumulate) for part in parts]
            joined = np.concatenate([cut[r][k] for k in range(accumulate) for r in range(3)])
            assert joined.tobytes() == whole[index].tobytes()


def test_the_batch_does_not_decide_how_a_sample_is_augmented() -> None:
    recipe = replace(RECIPE, data=Synthetic(samples=48, batch=12))
    large = replace(recipe, data=Synthetic(samples=48, batch=48))
    small, whole = pipeline(recipe), pipeline(large)
    for epoch in (0, 2):
        joined = [small.batch(4 * epoch + i) for i in range(4)]
        images, labels = whole.batch(epoch)
        assert np.concatenate([part[0] for part in joined]).tobytes() == images.tobytes()
        assert np.concatenate([part[1] for part in joined]).tobytes() == labels.tobytes()


def test_epochs_and_seeds_augment_in_another_way() -> None:
    memory = Memory(np.arange(240, dtype=np.uint8).reshape(1, 8, 10, 3), np.zeros(1, np.int64))
    data = Dataset(memory, memory, 1, "one image")
    recipe = replace(RECIPE, data=Synthetic(samples=1, batch=1))
    first = Pipeline(data, recipe, SHAPE)
    other = Pipeline(data, replace(recipe, seed=6), SHAPE)
    seen = {made.batch(epoch)[0].tobytes() for made in (first, other) for epoch in range(3)}
    assert len(seen) == 6


def test_different_seeds_differ() -> None:
    data = open_dataset(RECIPE.data, SHAPE, 10)
    runs = [Pipeline(data, replace(RECIPE, seed=seed), SHAPE) for seed in (0, 1, 2**70, -1)]
    assert len({digest(map(run.batch, range(8))) for run in runs}) == 4
    # A neighbouring seed has no epoch in common.
    plain = [Pipeline(data, replace(RECIPE, seed=s, augment=(), mix=None), SHAPE) for s in (0, 1)]
    orders = [{run.batch(4 * epoch)[0].tobytes() for epoch in range(4)} for run in plain]
    assert not orders[0] & orders[1]


@pytest.mark.parametrize("workers", [0, 1])
def test_the_test_set_is_complete(workers: int) -> None:
    made = pipeline(replace(RECIPE, data=Synthetic(samples=200, batch=12)))
    dataset = open_dataset(Synthetic(samples=200), SHAPE, 10, RECIPE.seed)
    with made.test_batches(16, workers=workers) as batches:
        found = list(batches)
    assert len(found) == 4 and all(images.shape == (16, 8, 10, 3) for images, _ in found)
    labels = np.concatenate([labels for _, labels in found])
    np.testing.assert_array_equal(labels[:50], dataset.test.labels)
    assert (labels[50:] == -1).all() and not found[-1][0][2:].any()
    shards = []
    for rank in range(2):
        with made.test_batches(16, (rank, 2)) as batches:
            shards.append(list(batches))
    for whole, left, right in zip(found, *shards, strict=True):
        for index in (0, 1):
            assert whole[index].tobytes() == left[index].tobytes() + right[index].tobytes()


def test_the_test_set_may_be_as_long_as_its_batches() -> None:
    with pipeline().test_batches(6) as batches:
        assert [int((labels < 0).sum()) for _, labels in batches] == [0, 0]


def test_closing_ends_threads_and_processes() -> None:
    before = threading.active_count()
    batches = pipeline().batches(0, 1000)
    next(batches)
    batches.close()
    batches.close()
    assert list(batches) == []
    for _ in range(50):
        if threading.active_count() <= before:
            break
        time.sleep(0.1)
    assert threading.active_count() <= before
    with pipeline().batches(0, 1000, workers=2) as many:
        next(many)
        assert len(children()) >= 2
    assert children() == []


def children() -> list[str]:
    """The worker processes of this one."""
    return [child.name for child in multiprocessing.active_children()]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        f"import os, sys, time; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import multiprocessing\n"
        "from test_pipeline import pipeline\n"
        "if __name__ == '__main__':\n"
        "    batches = pipeline().batches(0, 1000, workers=2)\n"
        "    next(batches)\n"
        "    print(*(c.pid for c in multiprocessing.active_children()), flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    workers = [int(text) for text in run.stdout.split()]
    assert run.returncode == -9 and len(workers) == 2
    for _ in range(100):
        if not any(is_running(worker) for worker in workers):
            break
        time.sleep(0.1)
    assert not any(is_running(worker) for worker in workers)


def is_running(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Fails(Memory):
    """Data that is damaged at one place, found when it is read."""

    __slots__ = ()

    def images(self, samples: np.ndarray) -> np.ndarray:
        if 7 in samples:
            raise damaged("sample 7 is damaged", help="mend it")
        return super().images(samples)


@pytest.mark.parametrize("workers", [0, 1])
def test_what_a_worker_finds_damaged_is_told_here(workers: int) -> None:
    memory = Fails(np.zeros((50, 8, 10, 3), np.uint8), np.zeros(50, np.int64))
    made = Pipeline(Dataset(memory, memory, 1, "damaged"), RECIPE, SHAPE)
    with pytest.raises(CompileError) as caught, made.batches(0, 8, workers=workers) as batches:
        for _ in batches:
            pass
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0803" and diagnostic.help == "mend it"
    assert children() == []


class Dies(Memory):
    """Ends the process that reads it, as the system does when memory is short."""

    __slots__ = ()

    def images(self, samples: np.ndarray) -> np.ndarray:
        os._exit(9)


def test_a_worker_that_is_killed_is_told() -> None:
    memory = Dies(np.zeros((50, 8, 10, 3), np.uint8), np.zeros(50, np.int64))
    made = Pipeline(Dataset(memory, memory, 1, "deadly"), RECIPE, SHAPE)
    with pytest.raises(CompileError) as caught, made.batches(0, 8, workers=1) as batches:
        next(batches)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "R0807" and "/dev/shm" in str(diagnostic.help)


@pytest.mark.parametrize(("workers", "ahead"), [(0, AHEAD), (1, AHEAD_OF_PROCESS)])
def test_no_more_batches_are_made_than_are_wanted_soon(
    workers: int, ahead: int, tmp_path: Path
) -> None:
    made = tmp_path / "made.txt"

    def make(step: int) -> tuple[np.ndarray, np.ndarray]:
        with made.open("a") as file:
            file.write(".")
        return np.zeros(1), np.zeros(1)

    with Batches(make, 0, 1000, workers, decodes=False) as batches:
        for _ in range(5):
            next(batches)
        time.sleep(0.5)
        assert 5 < len(made.read_text()) <= 5 + ahead


# ---- what does not fit ---------------------------------------------------------------------------


def test_a_batch_larger_than_the_data() -> None:
    diagnostic = refused(replace(RECIPE, data=Synthetic(samples=10, batch=12)))
    assert diagnostic.code == "R0806"
    assert diagnostic.message == "a batch of 12 cannot be taken from 10 training samples"


def test_a_batch_that_does_not_fall_into_equal_parts() -> None:
    diagnostic = refused(replace(RECIPE, accumulate=5))
    assert diagnostic.code == "R0806" and "5 equal parts" in diagnostic.message
    assert diagnostic.help == "`batch = 10`"
    with pytest.raises(CompileError) as caught:
        pipeline().batches(0, 1, shard=(0, 5))
    assert caught.value.diagnostics[0].code == "R0806"
    with pytest.raises(CompileError) as caught:
        pipeline().batches(0, 1, shard=(2, 2))
    assert "no process 2 of 2" in caught.value.diagnostics[0].message


def test_images_of_another_size() -> None:
    diagnostic = refused(replace(RECIPE, augment=(RandomResizedCrop(8),)))
    assert diagnostic.code == "R0805"
    assert "the training samples are 8 x 8 x 3 behind the transforms" in diagnostic.message
    diagnostic = refused(replace(RECIPE, evaluate=(Resize(16),)))
    assert "the test samples are 16 x 20 x 3 behind the transforms" in diagnostic.message


def test_transforms_of_images_on_rows() -> None:
    diagnostic = refused(replace(RECIPE, normalize=None), (20,))
    assert diagnostic.code == "R0806"
    assert diagnostic.message == "`pad_crop` transforms images, and the training samples are 20"
    diagnostic = refused(replace(RECIPE, normalize=None, augment=(), mix=CutMix()), (20,))
    assert diagnostic.code == "R0806" and "`cutmix`" in diagnostic.message


def test_numbers_for_other_channels() -> None:
    diagnostic = refused(replace(RECIPE, normalize=Normalize((0.5, 0.5), (1.0,))))
    assert diagnostic.message == "`mean` of `normalize` has 2 numbers for 3 channels"


@pytest.mark.parametrize("shape", [(7,), (2, 30), (1, 4, 5, 6)])
def test_rows_sequences_and_volumes(shape: tuple[int, ...]) -> None:
    recipe = replace(RECIPE, augment=(), normalize=None, mix=Mixup())
    images, labels = pipeline(recipe, shape).batch(0)
    assert images.shape == (12, *shape[1:], shape[0]) and labels.shape == (12, 10)


def test_digits_cost_little() -> None:
    """Processor time for a batch of 128 at 32 x 32: a small part of a training step's."""
    recipe = replace(RECIPE, data=Digits(), augment=(PadCrop(4), Flip()))
    made = pipeline(recipe, (3, 32, 32))
    made.batch(0)
    begin = time.process_time()
    for step in range(20):
        made.batch(step)
    assert (time.process_time() - begin) / 20 < 0.015
