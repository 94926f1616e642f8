"""The `.onnx` file, written tensor by tensor.

Protobuf frames a message by its length, so a library has to hold all of it before the first byte
is written: several copies of the weights. Here the library serializes the graph without its
weights, lengths follow from shapes, and each tensor is made, written and forgotten. The result is
the same message. Beyond protobuf's limit of 2 GiB, or on request, the tensors lie beside the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path

import numpy as np
from onnx import ModelProto, StringStringEntryProto, TensorProto

from resdsl.codegen.runtime import Array
from resdsl.diagnostics import InternalError
from resdsl.files import atomic_write
from resdsl.records import dataclass

from .builder import NUMPY_TYPES, ONNX_TYPES

#: The largest message that protobuf reads.
MESSAGE_LIMIT = 2**31 - 1
#: Tensors beside the file begin at multiples of this if they are as large, so that runtimes can
#: map them into memory page by page; smaller ones at multiples of `SMALL_ALIGNMENT`.
PAGE = 4096
SMALL_ALIGNMENT = 64

# Field numbers of onnx.proto (length-delimited: the number times eight, plus two).
MODEL_GRAPH = b"\x3a"  # ModelProto.graph, 7
GRAPH_INITIALIZER = b"\x2a"  # GraphProto.initializer, 5
TENSOR_RAW_DATA = b"\x4a"  # TensorProto.raw_data, 9


@dataclass(frozen=True, slots=True)
class Tensor:
    """A weight that will be written: its name, shape and type."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def bytes(self) -> int:
        return prod(self.shape) * NUMPY_TYPES[self.dtype].itemsize

    def proto(self) -> TensorProto:
        return TensorProto(name=self.name, dims=self.shape, data_type=ONNX_TYPES[self.dtype])


def varint(number: int) -> bytes:
    """Protobuf's encoding of a whole number: seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def write_model(
    path: Path,
    model: ModelProto,
    tensors: list[Tensor],
    arrays: Iterator[Array],
    *,
    external: bool | None = None,
) -> None:
    """Write `model` with `tensors` added to its graph's initializers.

    `arrays` gives their contents in the same order and is read one at a time. `external` puts them
    into `path` + `.data`; `None` does so if the file would be too large otherwise. A failure leaves
    what stood at `path` before.
    """
    graph = model.graph.SerializeToString()
    head = ModelProto()
    head.CopyFrom(model)
    head.ClearField("graph")
    start = head.SerializeToString() + MODEL_GRAPH
    following = sum(len(frame) + tensor.bytes for frame, tensor in _frames_inside(tensors))
    if external is None:
        external = len(start) + 10 + len(graph) + following > MESSAGE_LIMIT
    if external:
        _write_beside(path, start, graph, tensors, arrays)
        return
    with atomic_write(path) as out:
        out.write(start + varint(len(graph) + following))
        out.write(graph)
        for frame, tensor in _frames_inside(tensors):
            out.write(frame)
            out.write(_next_bytes(tensor, arrays))


def _write_beside(
    path: Path, start: bytes, graph: bytes, tensors: list[Tensor], arrays: Iterator[Array]
) -> None:
    data_path = path.with_name(path.name + ".data")
    frames = b"".join(_frames_beside(tensors, data_path.name))
    # The inner one is left first: the data is in place before the file that names it.
    with atomic_write(path) as out, atomic_write(data_path) as data:
        out.write(start + varint(len(graph) + len(frames)))
        out.write(graph)
        out.write(frames)
        end = 0
        for tensor, offset in _offsets(tensors):
            data.write(bytes(offset - end))
            data.write(_next_bytes(tensor, arrays))
            end = offset + tensor.bytes


def _frames_inside(tensors: list[Tensor]) -> Iterator[tuple[bytes, Tensor]]:
    """What stands before each tensor's bytes: the frame of the initializer and of its data."""
    for tensor in tensors:
        body = tensor.proto().SerializeToString() + TENSOR_RAW_DATA + varint(tensor.bytes)
        yield GRAPH_INITIALIZER + varint(len(body) + tensor.bytes) + body, tensor


def _frames_beside(tensors: list[Tensor], location: str) -> Iterator[bytes]:
    """The initializers of tensors that lie in the file `location`."""
    for tensor, offset in _offsets(tensors):
        proto = tensor.proto()
        proto.data_location = TensorProto.EXTERNAL
        place = {"location": location, "offset": str(offset), "length": str(tensor.bytes)}
        proto.external_data.extend(
            StringStringEntryProto(key=key, value=value) for key, value in place.items()
        )
        body = proto.SerializeToString()
        yield GRAPH_INITIALIZER + varint(len(body)) + body


def _offsets(tensors: list[Tensor]) -> Iterator[tuple[Tensor, int]]:
    end = 0
    for tensor in tensors:
        alignment = PAGE if tensor.bytes >= PAGE else SMALL_ALIGNMENT
        offset = -(-end // alignment) * alignment
        yield tensor, offset
        end = offset + tensor.bytes


def _next_bytes(tensor: Tensor, arrays: Iterator[Array]) -> memoryview:
    """The next array as ONNX wants it: row by row, little-endian. The caller keeps no other."""
    array = next(arrays, None)
    if array is None or array.shape != tensor.shape:
        found = "missing" if array is None else str(array.shape)
        raise InternalError(f"the array of {tensor.name} {tensor.shape} is {found}")
    stored = np.ascontiguousarray(array, NUMPY_TYPES[tensor.dtype])
    return stored.reshape(-1).view(np.uint8).data
