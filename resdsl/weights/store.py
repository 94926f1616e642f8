"""Canonical weights on disk: one safetensors file, PyTorch's layout and names, in model order.

The format is a length of 8 bytes, a JSON header with dtype, shape and place of every array, and
the arrays' bytes (https://github.com/huggingface/safetensors, "Format"). Written here as a stream,
so that one array is in memory at a time, and read as a memory map; never pickled.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from resdsl.diagnostics import CompileError, InternalError, error
from resdsl.files import atomic_write
from resdsl.records import dataclass, replace
from resdsl.weights.arrays import Array

#: Names of the format to NumPy's, little-endian whatever the machine.
DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U8": "|u1",
    "BOOL": "|b1",
}
#: A type of the format that NumPy has not.
BFLOAT16 = "BF16"
#: The types that are read, as NumPy's of the same bytes.
_STORED = {**DTYPES, BFLOAT16: "<u2"}
#: The format's own limit.
LARGEST_HEADER = 100_000_000
#: NumPy 1's limit on dimensions.
MOST_DIMENSIONS = 32
METADATA = "__metadata__"
#: Bytes that are copied at a time.
PIECE = 1 << 24


@dataclass(frozen=True, slots=True)
class ArrayLayout:
    """What the header says of an array before the array exists."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"


@dataclass(frozen=True, slots=True)
class StoredLayout:
    """The same of an array in a file, its type called as the format does: `F64`."""

    name: str
    shape: tuple[int, ...]
    code: str

    @property
    def size(self) -> int:
        """In bytes."""
        return math.prod(self.shape) * np.dtype(_STORED[self.code]).itemsize


def write_weights(
    path: str | Path,
    layouts: Sequence[ArrayLayout],
    arrays: Iterable[tuple[str, Array]],
    metadata: Mapping[str, str] | None = None,
    durable: bool = False,
) -> None:
    """Write the arrays, in the order of their layouts, each as it comes.

    A `durable` file is on the disk when this returns.
    """
    with atomic_write(path, durable) as file:
        file.write(_header([_stored(layout) for layout in layouts], metadata or {}))
        for layout, (name, array) in zip(layouts, arrays, strict=True):
            if (name, array.shape) != (layout.name, layout.shape):
                raise InternalError(f"`{name}` {array.shape} was written in the place of {layout}")
            stored = np.ascontiguousarray(array, np.dtype(layout.dtype).newbyteorder("<"))
            file.write(stored.reshape(-1).view(np.uint8).data)


def copy_arrays(
    path: str | Path,
    arrays: Sequence[tuple[str, StoredArrays, str]],
    metadata: Mapping[str, str],
) -> None:
    """Write a file of arrays that lie in others: (new name, file, name there), bit by bit.

    Whatever their types, and however large they are: a piece is in memory at a time.
    """
    layouts = [replace(file.layout_of(old), name=new) for new, file, old in arrays]
    with atomic_write(path) as output:
        output.write(_header(layouts, metadata))
        for _, file, old in arrays:
            for piece in pieces(file.bytes_of(old)):
                output.write(piece)


def pieces(stored: Array) -> Iterator[memoryview]:
    """The bytes of an array, a few megabytes at a time."""
    for start in range(0, len(stored), PIECE):
        yield stored[start : start + PIECE].data


def _stored(layout: ArrayLayout) -> StoredLayout:
    codes = {np.dtype(dtype): code for code, dtype in DTYPES.items()}
    dtype = np.dtype(layout.dtype).newbyteorder("<")
    return StoredLayout(layout.name, layout.shape, codes[dtype])


def header_of(layouts: Sequence[ArrayLayout], metadata: Mapping[str, str]) -> bytes:
    """The JSON header of a file that holds these arrays, one after another, without its length."""
    return _json([_stored(layout) for layout in layouts], metadata)


def _header(layouts: Sequence[StoredLayout], metadata: Mapping[str, str]) -> bytes:
    """The length and the JSON."""
    text = _json(layouts, metadata)
    return len(text).to_bytes(8, "little") + text


def _json(layouts: Sequence[StoredLayout], metadata: Mapping[str, str]) -> bytes:
    # "pt" is what readers of PyTorch weights look for.
    header: dict[str, Any] = {METADATA: {"format": "pt", **metadata}}
    end = 0
    for layout in layouts:
        start, end = end, end + layout.size
        header[layout.name] = {
            "dtype": layout.code,
            "shape": list(layout.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    return text + b" " * (-len(text) % 8)


class StoredArrays(Mapping[str, Array]):
    """The arrays of a file by name, in the order of their bytes, each made when it is asked for.

    They are views of the file, private to this process: writing to them changes no file. Raises
    `CompileError` where the file is missing, damaged or of another format, before any is made.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = path
        content = _mapped(path)
        self._entries, self._data = _entries(path, content)
        metadata = _parsed(path, content)[0].get(METADATA)
        #: What `write_weights` was told to say about the file.
        self.metadata: dict[str, str] = metadata if isinstance(metadata, dict) else {}
        _check_places(path, self._entries, len(self._data))
        for name in self._entries:
            _check_array(path, name, self._entries[name])

    def __getitem__(self, name: str) -> Array:
        entry = self._entries[name]
        return _array(entry, self.bytes_of(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def bytes_of(self, name: str) -> Array:
        """The bytes of an array as they are in the file."""
        start, end = self._entries[name]["data_offsets"]
        return self._data[start:end]

    def layout_of(self, name: str) -> StoredLayout:
        """What the header says of an array."""
        entry = self._entries[name]
        return StoredLayout(name, tuple(entry["shape"]), entry["dtype"])


def read_weights(path: str | Path) -> dict[str, Array]:
    """The arrays of a file by name, all at once: see `StoredArrays`."""
    return dict(StoredArrays(path))


def read_metadata(path: str | Path) -> dict[str, str]:
    """What `write_weights` was told to say about the file."""
    metadata = _parsed(path, _mapped(path))[0].get(METADATA)
    return metadata if isinstance(metadata, dict) else {}


def _check_places(path: str | Path, entries: Mapping[str, dict[str, Any]], size: int) -> None:
    """Arrays lie one behind the other, from the header to the end of the file."""
    end = 0
    for name, entry in entries.items():
        start = end
        end = entry["data_offsets"][1]
        if entry["data_offsets"][0] != start or end < start:
            raise _inconsistent(path, f"`{name}` does not begin where the array before it ends")
        if end > size:
            raise error(
                "R0711",
                f"`{path}` is cut off: `{name}` ends at byte {end} of {size}",
                help="copy or download it again",
            )
    if end != size:
        raise _inconsistent(path, f"{size - end} bytes follow the last array")


def _mapped(path: str | Path) -> Array:
    try:
        if Path(path).stat().st_size < 8:
            raise _foreign(path)
        # Copy on write: frameworks want memory they could write to.
        return np.memmap(path, np.uint8, "c").view(np.ndarray)
    except FileNotFoundError:
        raise error("R0710", f"there is no weights file `{path}`") from None
    except IsADirectoryError:
        raise error("R0710", f"`{path}` is a folder, not a weights file") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise error("R0710", f"`{path}` cannot be read: {reason.lower()}") from None


def _parsed(path: str | Path, content: Array) -> tuple[dict[str, Any], Array]:
    length = int.from_bytes(content[:8].tobytes(), "little")
    if length > LARGEST_HEADER or content[8:9].tobytes() != b"{":
        raise _foreign(path)
    if 8 + length > len(content):
        raise error("R0711", f"`{path}` is cut off in its header", help="copy or download it again")
    try:
        header = json.loads(
            content[8 : 8 + length].tobytes().decode(), object_pairs_hook=_without_repeats
        )
    except (ValueError, RecursionError):
        raise _foreign(path) from None
    if not isinstance(header, dict):
        raise _foreign(path)
    return header, content[8 + length :]


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name occurs twice")
    return made


def _entries(path: str | Path, content: Array) -> tuple[dict[str, dict[str, Any]], Array]:
    header, data = _parsed(path, content)
    entries = {name: entry for name, entry in header.items() if name != METADATA}
    for name, entry in entries.items():
        if not name.isprintable():
            raise _inconsistent(path, f"{ascii(name)[:80]} is no name")
        if not isinstance(entry, dict) or not _are_sizes(entry.get("shape"), MOST_DIMENSIONS):
            raise _inconsistent(path, f"`{name}` has no shape")
        if not _are_sizes(entry.get("data_offsets"), 2) or len(entry["data_offsets"]) != 2:
            raise _inconsistent(path, f"`{name}` has no place")
    return dict(sorted(entries.items(), key=lambda item: item[1]["data_offsets"])), data


def _are_sizes(value: object, at_most: int) -> bool:
    if not isinstance(value, list) or len(value) > at_most:
        return False
    return all(type(v) is int and v >= 0 for v in value)


def _check_array(path: str | Path, name: str, entry: Mapping[str, Any]) -> None:
    dtype = _STORED.get(str(entry.get("dtype")))
    if dtype is None:
        given = ascii(entry.get("dtype"))[:40]
        raise _inconsistent(path, f"`{name}` is of type {given}; known are {', '.join(_STORED)}")
    shape, (start, end) = entry["shape"], entry["data_offsets"]
    if math.prod(shape) * np.dtype(dtype).itemsize != end - start:
        raise _inconsistent(path, f"`{name}` has {end - start} bytes for the shape {shape}")


def _array(entry: Mapping[str, Any], stored: Array) -> Array:
    array = stored.view(_STORED[entry["dtype"]]).reshape(entry["shape"])
    if entry["dtype"] == BFLOAT16:
        # NumPy has no such type: it is the upper half of a float32.
        return (array.astype("<u4") << np.uint32(16)).view("<f4")
    return array


def _foreign(path: str | Path) -> CompileError:
    return error(
        "R0710",
        f"`{path}` is not a safetensors file",
        help="`resdsl init` writes one; PyTorch's own files are converted by "
        "`safetensors.torch.save_file(model.state_dict(), path)`",
    )


def _inconsistent(path: str | Path, why: str) -> CompileError:
    return error("R0712", f"the header of `{path}` is inconsistent: {why}")
