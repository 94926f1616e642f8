"""A section whose arrays come one by one, in an order and number not known before.

The file is a safetensors file like any other. Its header goes before the arrays and may end in
spaces, so room for it is left and filled in at the end: no array is held or copied.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from resdsl.codegen.runtime import Array
from resdsl.diagnostics import InternalError
from resdsl.files import atomic_write
from resdsl.weights.store import ArrayLayout, header_of

#: Bytes of an array's entry in the header beside its name, at most.
_ENTRY = 320


class ArrayStream:
    """An open section. Every name comes once."""

    def __init__(self, file: BinaryIO, names: Iterable[str]) -> None:
        self._file = file
        self._room = 1024 + sum(_ENTRY + len(json.dumps(name)) for name in names)
        self._layouts: dict[str, ArrayLayout] = {}
        file.write(bytes(8 + self._room))

    @property
    def names(self) -> frozenset[str]:
        """What has come so far."""
        return frozenset(self._layouts)

    def dtype(self, name: str) -> str:
        """Of one that has come."""
        return self._layouts[name].dtype

    def put(self, name: str, array: Array) -> None:
        """Write one array."""
        if name in self._layouts:
            raise InternalError(f"the value `{name}` was seen twice in one pass")
        stored = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)
        self._layouts[name] = ArrayLayout(name, array.shape, array.dtype.name)
        self._file.write(stored.reshape(-1).view(np.uint8).data)

    def close(self) -> None:
        """Fill in the header."""
        header = header_of(list(self._layouts.values()), {})
        if len(header) > self._room:
            raise InternalError(f"a header of {len(header)} bytes has room for {self._room}")
        self._file.seek(0)
        self._file.write(self._room.to_bytes(8, "little") + header.ljust(self._room))


@contextmanager
def array_stream(path: Path, names: Iterable[str]) -> Iterator[ArrayStream]:
    """A section that is written while the `with` body runs, and there when it ends well."""
    with atomic_write(path) as file:
        stream = ArrayStream(file, names)
        yield stream
        stream.close()


def zeros(shape: tuple[int, ...], dtype: str) -> Array:
    """Zeros that take no memory, for an array that nobody computes."""
    return np.broadcast_to(np.zeros((), dtype), shape) if math.prod(shape) else np.zeros(shape)
