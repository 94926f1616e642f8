"""The weights file: bit for bit there and back, readable by others, and wary of what it reads."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from resdsl.diagnostics import CompileError, InternalError
from resdsl.weights import ArrayLayout, read_metadata, read_weights, write_weights


def arrays() -> dict[str, np.ndarray]:
    numbers = np.random.Generator(np.random.PCG64(0))
    return {
        "z.weight": numbers.normal(size=(4, 3, 2, 2)).astype(np.float32),
        "a.weight": numbers.normal(size=(5,)).astype(np.float64),
        "a.empty": np.zeros((0, 3), np.float32),
        "a.number": np.array(7, np.int64),
        "special": np.array([np.inf, -0.0, 1e-45, np.nan], np.float32),
    }


def write(path: Path, made: dict[str, np.ndarray], **metadata: str) -> None:
    layouts = [ArrayLayout(name, a.shape, str(a.dtype)) for name, a in made.items()]
    write_weights(path, layouts, made.items(), metadata)


def same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> bool:
    return left.keys() == right.keys() and all(
        left[n].dtype == right[n].dtype
        and left[n].shape == right[n].shape
        and left[n].tobytes() == right[n].tobytes()
        for n in left
    )


def test_round_trip_bit_for_bit_in_order(tmp_path: Path) -> None:
    write(tmp_path / "w.safetensors", arrays(), seed="0")
    found = read_weights(tmp_path / "w.safetensors")
    assert same(found, arrays())
    assert list(found) == list(arrays())
    assert read_metadata(tmp_path / "w.safetensors") == {"format": "pt", "seed": "0"}


def test_same_arrays_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, arrays())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_safetensors_library_reads_it(tmp_path: Path) -> None:
    write(tmp_path / "w.safetensors", arrays())
    assert same(load_file(tmp_path / "w.safetensors"), arrays())


def test_reads_what_the_safetensors_library_writes(tmp_path: Path) -> None:
    save_file(arrays(), tmp_path / "w.safetensors")
    assert same(read_weights(tmp_path / "w.safetensors"), arrays())


def test_strided_and_big_endian_arrays_are_stored_alike(tmp_path: Path) -> None:
    plain = np.arange(6, dtype=np.float32).reshape(2, 3)
    layouts = [ArrayLayout("a", (2, 3)), ArrayLayout("b", (2, 3))]
    turned = np.asfortranarray(plain).astype(">f4")
    write_weights(tmp_path / "w", layouts, [("a", plain), ("b", turned)])
    found = read_weights(tmp_path / "w")
    assert found["a"].tobytes() == found["b"].tobytes() == plain.tobytes()


def test_what_is_read_can_be_changed_without_changing_the_file(tmp_path: Path) -> None:
    write(tmp_path / "w", arrays())
    read_weights(tmp_path / "w")["z.weight"][...] = 0
    assert same(read_weights(tmp_path / "w"), arrays())


def test_bfloat16_is_read_as_float32(tmp_path: Path) -> None:
    entry = {"a": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}
    (tmp_path / "w").write_bytes(file_of(entry, struct.pack("<3H", 0x3F80, 0xC000, 0x7F80)))
    found = read_weights(tmp_path / "w")["a"]
    assert found.dtype == np.float32
    assert list(found) == [1.0, -2.0, np.inf]


def test_a_failure_midway_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "w"
    write(path, arrays())
    layouts = [ArrayLayout("a", (2,)), ArrayLayout("b", (2,))]
    with pytest.raises(InternalError):
        write_weights(path, layouts, [("a", np.zeros(2)), ("c", np.zeros(2))])
    assert same(read_weights(path), arrays())
    assert [p.name for p in tmp_path.iterdir()] == ["w"]


def file_of(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def one(**changes: object) -> bytes:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | changes
    return file_of({"a": {k: v for k, v in entry.items() if v is not None}}, b"\0" * 8)


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        (b"", "R0710", "is not a safetensors file"),
        (b"\x80\x04K", "R0710", "is not a safetensors file"),
        (b"PK\x03\x04" + b"\0" * 100, "R0710", "is not a safetensors file"),
        (struct.pack("<Q", 2**63) + b"{}", "R0710", "is not a safetensors file"),
        (file_of([]), "R0710", "is not a safetensors file"),
        (file_of(b'{"a": '), "R0710", "is not a safetensors file"),
        (file_of(b'{"a": "\xff"}'), "R0710", "is not a safetensors file"),
        (file_of(b'{"a":' * 100_000), "R0710", "is not a safetensors file"),
        (file_of(b'{"a": 1, "a": 2}'), "R0710", "is not a safetensors file"),
        (file_of(b'{"a": ' + b"9" * 5000 + b"}"), "R0710", "is not a safetensors file"),
        (struct.pack("<Q", 100) + b"{}", "R0711", "is cut off in its header"),
        (one()[:-1], "R0711", "is cut off: `a` ends at byte 8 of 7"),
        (one(data_offsets=[0, 2**62], shape=[2**60]), "R0711", "is cut off: `a` ends at byte"),
        (one(shape=None), "R0712", "`a` has no shape"),
        (one(shape=[-2]), "R0712", "`a` has no shape"),
        (one(shape=[True, 2]), "R0712", "`a` has no shape"),
        (one(shape=[1] * 33), "R0712", "`a` has no shape"),
        (one(shape=[3]), "R0712", "`a` has 8 bytes for the shape [3]"),
        (one(dtype="F128"), "R0712", "`a` is of type 'F128'; known are F64"),
        (one(dtype=None), "R0712", "`a` is of type None"),
        (one(data_offsets=None), "R0712", "`a` has no place"),
        (one(data_offsets=[0]), "R0712", "`a` has no place"),
        (one(data_offsets=[4, 8], shape=[1]), "R0712", "`a` does not begin where the array"),
        (one(data_offsets=[0, 4], shape=[1]), "R0712", "4 bytes follow the last array"),
        (one(data_offsets=[0, 8.0]), "R0712", "`a` has no place"),
        (file_of({"a\n": {}}), "R0712", "'a\\n' is no name"),
        (file_of({"\ud800": {}}), "R0712", "is no name"),
        (file_of({"a": 1}), "R0712", "`a` has no shape"),
    ],
)
def test_bad_files(tmp_path: Path, content: bytes, code: str, text: str) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    assert text in failure(lambda: read_weights(path), code)


def test_arrays_may_not_overlap(tmp_path: Path) -> None:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    (tmp_path / "w").write_bytes(file_of({"a": entry, "b": entry}, b"\0" * 8))
    failure(lambda: read_weights(tmp_path / "w"), "R0712")


def test_no_file_there(tmp_path: Path) -> None:
    assert "there is no weights file" in failure(lambda: read_weights(tmp_path / "w"), "R0710")
    assert "is a folder" in failure(lambda: read_weights(tmp_path), "R0710")


def failure(action: Callable[[], object], code: str) -> str:
    with pytest.raises(CompileError) as raised:
        action()
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == code
    return diagnostic.message
