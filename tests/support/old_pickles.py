"""Pickles as Python 2 wrote them, byte for byte: the form of CIFAR's Python layout."""

import struct
from typing import Any

import numpy as np


def dumped(value: object) -> bytes:
    """Protocol 2 with Python 2's strings, as `cPickle.dump(value, file, 2)` gives."""
    return b"\x80\x02" + _written(value) + b"."


def _written(value: Any) -> bytes:
    match value:
        case bytes():
            if len(value) < 256:
                return b"U" + bytes([len(value)]) + value
            return b"T" + struct.pack("<i", len(value)) + value
        case str():
            return b"X" + struct.pack("<i", len(value.encode())) + value.encode()
        case bool() | None:
            return {True: b"\x88", False: b"\x89", None: b"N"}[value]
        case int():
            return b"J" + struct.pack("<i", value)
        case tuple():
            return b"(" + b"".join(map(_written, value)) + b"t"
        case list():
            return b"](" + b"".join(map(_written, value)) + b"e"
        case dict():
            pairs = b"".join(_written(key) + _written(one) for key, one in value.items())
            return b"}(" + pairs + b"u"
        case np.ndarray():
            return _array(value)
    raise TypeError(value)


def _array(array: np.ndarray) -> bytes:
    """numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), 'b') and its state."""
    empty = b"cnumpy.core.multiarray\n_reconstruct\n" + b"(cnumpy\nndarray\n"
    empty += _written((0,)) + _written(b"b") + b"tR"
    kind = b"cnumpy\ndtype\n" + _written((array.dtype.str[1:].encode(), 0, 1)) + b"R"
    kind += _written((3, b"|", None, None, None, -1, -1, 0)) + b"b"
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    data = array.tobytes(order="F" if fortran else "C")
    state = b"(" + _written(1) + _written(array.shape) + kind + _written(fortran)
    return empty + state + _written(data) + b"tb"
