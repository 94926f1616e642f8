"""CIFAR in both layouts, small: whole, cut off, damaged, hostile."""

import io
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import old_pickles
import pytest

from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.recipes.recipe import Cifar
from resdsl.records import replace
from resdsl.training.data.dataset import Dataset, Memory
from resdsl.training.data.sources import cifar, open_dataset

COUNT = 6


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of six images instead of thousands."""
    layouts = {
        classes: tuple(replace(one, samples=COUNT, test_samples=COUNT) for one in both)
        for classes, both in cifar.LAYOUTS.items()
    }
    monkeypatch.setattr(cifar, "LAYOUTS", layouts)


def images(file: int, count: int = COUNT) -> np.ndarray:
    """N x 3072 bytes, one plane after the other."""
    return np.random.default_rng(file).integers(0, 256, (count, 3072), dtype=np.uint8)


def labels(file: int, classes: int) -> np.ndarray:
    return np.random.default_rng(100 + file).integers(0, classes, COUNT)


def record_files(classes: int) -> dict[str, bytes]:
    layout = cifar.LAYOUTS[classes][0]
    files = {}
    for n, name in enumerate(layout.files):
        columns = [labels(n, classes)[:, None].astype(np.uint8), images(n)]
        if classes == 100:
            columns.insert(0, np.full((COUNT, 1), 7, np.uint8))  # The coarse label.
        files[name] = np.concatenate(columns, axis=1).tobytes()
    return files


def pickle_files(classes: int, dump: Callable[[object], bytes]) -> dict[str, bytes]:
    layout = cifar.LAYOUTS[classes][1]
    files = {}
    for n, name in enumerate(layout.files):
        found: dict[bytes, object] = {
            b"batch_label": b"training batch 1 of 5",
            layout.key.encode(): labels(n, classes).tolist(),
            b"data": images(n),
            b"filenames": [b"leptodactylus_pentadactylus_s_000004.png"] * COUNT,
        }
        if classes == 100:
            found[b"coarse_labels"] = [7] * COUNT
        files[name] = dump(found)
    return files


def put(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def pack(archive: Path, folder: str, files: dict[str, bytes]) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as tar:
        for name, data in {**files, "readme.html": b"<html>"}.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def opened(path: Path, classes: int = 10, outputs: int | None = None) -> Dataset:
    data = Cifar(classes, str(path))
    return open_dataset(data, (3, 32, 32), classes if outputs is None else outputs)


def refused(path: Path, classes: int = 10, outputs: int | None = None) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        opened(path, classes, outputs)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def check(dataset: Dataset, classes: int) -> None:
    files = 5 if classes == 10 else 1
    assert isinstance(dataset.train, Memory) and isinstance(dataset.test, Memory)
    assert dataset.classes == classes
    planes = np.concatenate([images(n) for n in range(files)]).reshape(-1, 3, 32, 32)
    np.testing.assert_array_equal(dataset.train.array, np.moveaxis(planes, 1, -1))
    np.testing.assert_array_equal(
        dataset.train.labels, np.concatenate([labels(n, classes) for n in range(files)])
    )
    np.testing.assert_array_equal(dataset.test.labels, labels(files, classes))
    first = images(files)[
        0
    ]  # Red comes first: the last value of a test image's first pixel is blue.
    np.testing.assert_array_equal(dataset.test.array[0, 0, 0], [first[0], first[1024], first[2048]])
    assert dataset.train.array.dtype == np.uint8 and dataset.train.labels.dtype == np.int64


PICKLES = {
    "python 2": old_pickles.dumped,
    "protocol 2": lambda value: pickle.dumps(value, 2),
    "protocol 3": lambda value: pickle.dumps(value, 3),
}


@pytest.mark.parametrize("classes", [10, 100])
def test_the_binary_layout(classes: int, tmp_path: Path) -> None:
    put(tmp_path, record_files(classes))
    check(opened(tmp_path, classes), classes)


@pytest.mark.parametrize("classes", [10, 100])
@pytest.mark.parametrize("dump", ["python 2", "protocol 2", "protocol 3"])
def test_the_python_layout(classes: int, dump: str, tmp_path: Path) -> None:
    put(tmp_path, pickle_files(classes, PICKLES[dump]))
    check(opened(tmp_path, classes), classes)


def test_keys_as_text_and_columns_first(tmp_path: Path) -> None:
    def dump(value: object) -> bytes:
        assert isinstance(value, dict)
        turned = {key.decode(): one for key, one in value.items()}
        turned["data"] = np.asfortranarray(turned["data"])
        return old_pickles.dumped(turned)

    put(tmp_path, pickle_files(10, dump))
    check(opened(tmp_path), 10)


@pytest.mark.parametrize("classes", [10, 100])
@pytest.mark.parametrize("layout", [0, 1])
def test_the_folder_above_and_the_archive(classes: int, layout: int, tmp_path: Path) -> None:
    form = cifar.LAYOUTS[classes][layout]
    files = pickle_files(classes, old_pickles.dumped) if layout else record_files(classes)
    put(tmp_path / "a" / form.folder, files)
    check(opened(tmp_path / "a", classes), classes)
    archive = tmp_path / "b" / form.archive
    pack(archive, form.folder, files)
    check(opened(archive, classes), classes)
    check(opened(tmp_path / "b", classes), classes)
    assert f"{COUNT} test samples" in opened(archive, classes).description


# ---- what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["nowhere", "empty", "file"])
def test_nothing_there(place: str, tmp_path: Path) -> None:
    path = tmp_path / place
    if place == "empty":
        path.mkdir()
    if place == "file":
        path.write_bytes(b"something else")
    diagnostic = refused(path)
    assert diagnostic.code == "R0802" and diagnostic.message == f"CIFAR-10 is not at `{path}`"
    assert cifar.PAGE in diagnostic.notes[0]
    assert "cifar-10-binary.tar.gz" in str(diagnostic.help) and str(path) in str(diagnostic.help)


def test_the_other_data_set_is_not_taken_for_it(tmp_path: Path) -> None:
    put(tmp_path, record_files(100))
    assert refused(tmp_path, 10).code == "R0802"


def test_a_file_is_missing(tmp_path: Path) -> None:
    put(tmp_path, record_files(10))
    (tmp_path / "data_batch_3.bin").unlink()
    diagnostic = refused(tmp_path)
    assert diagnostic.code == "R0802" and "lacks the file `data_batch_3.bin`" in diagnostic.message


@pytest.mark.parametrize("cut", [1, 3073, 2 * 3073, COUNT * 3073])
def test_a_file_is_cut_off(cut: int, tmp_path: Path) -> None:
    """Also where it is cut between two images, or is empty."""
    files = record_files(10)
    put(tmp_path, files | {"data_batch_2.bin": files["data_batch_2.bin"][:-cut]})
    diagnostic = refused(tmp_path)
    assert diagnostic.code == "R0803"
    assert "`data_batch_2.bin` is cut off" in diagnostic.message
    assert f"{COUNT * 3073:,}" in diagnostic.message and cifar.PAGE in str(diagnostic.help)


def test_a_file_is_too_long(tmp_path: Path) -> None:
    files = record_files(10)
    put(tmp_path, files | {"test_batch.bin": files["test_batch.bin"] + b"\0"})
    assert "`test_batch.bin` is too long" in refused(tmp_path).message


def test_a_label_is_out_of_range(tmp_path: Path) -> None:
    files = record_files(10)
    data = bytearray(files["data_batch_1.bin"])
    data[3073 * 4] = 10
    put(tmp_path, files | {"data_batch_1.bin": bytes(data)})
    diagnostic = refused(tmp_path)
    assert diagnostic.code == "R0804"
    assert diagnostic.message == (
        "`data_batch_1.bin` has the label 10, and there are 10 classes, counted from 0"
    )
    assert diagnostic.notes == ("it is sample 4; 1 of 6 labels are out of range",)


def test_the_network_has_other_outputs(tmp_path: Path) -> None:
    diagnostic = refused(tmp_path, 10, 100)
    assert diagnostic.code == "R0805"
    assert diagnostic.message == "`CIFAR-10` has 10 classes, and the network has 100 outputs"
    assert "classes=10" in str(diagnostic.help)


@pytest.mark.parametrize("keep", [0.2, 0.9, 0.999])
def test_an_archive_is_cut_off(keep: float, tmp_path: Path) -> None:
    archive = tmp_path / "cifar-10-binary.tar.gz"
    pack(archive, "cifar-10-batches-bin", record_files(10))
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * keep)])
    diagnostic = refused(archive)
    assert diagnostic.code == "R0803" and str(archive) in diagnostic.message
    assert cifar.PAGE in str(diagnostic.help)


def test_an_archive_is_damaged_within(tmp_path: Path) -> None:
    archive = tmp_path / "cifar-10-binary.tar.gz"
    pack(archive, "cifar-10-batches-bin", record_files(10))
    data = bytearray(archive.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 64] = bytes(64)
    archive.write_bytes(data)
    assert refused(archive).code == "R0803"


def test_an_archive_lacks_a_file(tmp_path: Path) -> None:
    files = record_files(10)
    del files["test_batch.bin"]
    archive = tmp_path / "cifar-10-binary.tar.gz"
    pack(archive, "cifar-10-batches-bin", files)
    assert "lacks the file `test_batch.bin`" in refused(archive).message


@pytest.mark.parametrize("name", ["data_batch_1", "../data_batch_1", "/data_batch_1"])
def test_an_archive_writes_nothing(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "in" / "cifar-10-python.tar.gz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        link = tarfile.TarInfo(name)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    before = sorted(tmp_path.rglob("*"))
    assert refused(archive).code == "R0803"
    assert sorted(tmp_path.rglob("*")) == before


# ---- pickles that are no data --------------------------------------------------------------------


class Runs:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


def hostile(data: bytes, tmp_path: Path) -> Diagnostic:
    put(tmp_path, pickle_files(10, old_pickles.dumped) | {"data_batch_1": data})
    return refused(tmp_path)


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_in_a_pickle_is_run(protocol: int, tmp_path: Path) -> None:
    mark = tmp_path / "was_here"
    data = {b"more": Runs(f"touch {mark}"), b"data": images(0), b"labels": [0] * COUNT}
    diagnostic = hostile(pickle.dumps(data, protocol), tmp_path)
    assert diagnostic.code == "R0803" and not mark.exists()
    assert "`data_batch_1` is not read: it would call `" in diagnostic.message
    assert "system" in diagnostic.message


@pytest.mark.parametrize(
    "program",
    [
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"c__builtin__\neval\n(S'1'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy.core.multiarray\nscalar\n.",
        b"cnumpy.f2py.crackfortran\nmyeval\n.",
        b"c_codecs\nlookup\n.",
        b"ccopyreg\n_reconstructor\n.",
        b"(ios\nsystem\n.",
        b"(S'x'\nios\nsystem\n.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
        b"\x80\x04\x8c\x0dnumpy.ndarray\x8c\x04dump\x93.",
        b"\x80\x04\x8c\x05numpy\x8c\x0dndarray.dump_\x93.",
    ],
)
def test_only_three_names_of_arrays_are_known(program: bytes, tmp_path: Path) -> None:
    diagnostic = hostile(program, tmp_path)
    assert diagnostic.code == "R0803" and "it would call `" in diagnostic.message


@pytest.mark.parametrize(
    "program",
    [
        b"",
        b"\x80",
        b"garbage",
        b"\x80\x02].",  # A list.
        b"\x80\x02}.",  # Without images.
        b"Pid\n.",  # An object kept elsewhere.
        b"\x82\x01.",  # A registered extension.
        b"\x80\x02r\xff\xff\xff",
        b"\x80\x02T\xff\xff\xff\x7f",  # A string of 2 GiB that is not there.
        b"(" * 100_000,
        b"cnumpy\nndarray\n)R}b.",
        b"c_codecs\nencode\n(X\x01\x00\x00\x00aX\x03\x00\x00\x00hextR.",
        old_pickles.dumped({b"data": np.zeros((COUNT, 3072), np.int64), b"labels": [0] * COUNT}),
        old_pickles.dumped({b"data": np.zeros((COUNT, 3071), np.uint8), b"labels": [0] * COUNT}),
        old_pickles.dumped({b"data": np.zeros((COUNT, 3072), np.uint8), b"labels": [0]}),
        old_pickles.dumped({b"data": np.zeros((COUNT, 3072), np.uint8), b"labels": [b"0"] * COUNT}),
        old_pickles.dumped({b"data": [0] * COUNT, b"labels": [0] * COUNT}),
        pickle_files(10, old_pickles.dumped)["data_batch_1"][:-100],
    ],
)
def test_a_damaged_pickle_is_told(program: bytes, tmp_path: Path) -> None:
    diagnostic = hostile(program, tmp_path)
    assert diagnostic.code == "R0803" and "`data_batch_1`" in diagnostic.message
