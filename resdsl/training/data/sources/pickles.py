"""Reads the pickles of CIFAR's Python layout without running anything in them.

A pickle is a program: it may call any function by its name. Here the three names that NumPy's
arrays are made of lead to stand-ins of ours that only take down what they are told, and every other
name is an error. Not even NumPy's own reconstruction sees the file.
"""

from __future__ import annotations

import io
import pickle
from math import prod
from typing import Any

import numpy as np

from resdsl.training.data.dataset import Array
from resdsl.training.data.problems import damaged


class _Type:
    """Stands for `numpy.dtype`: remembers the text it is called with."""

    def __init__(self, text: object = "", *_: object) -> None:
        self.text = text.decode("latin-1") if isinstance(text, bytes) else text

    def __setstate__(self, state: object) -> None:
        """Byte order and alignment: bytes have none."""


class _Array:
    """Stands for `numpy.ndarray`: remembers its shape, type and bytes."""

    def __init__(self, *_: object) -> None:
        self.state: tuple[Any, ...] = ()

    def __setstate__(self, state: object) -> None:
        self.state = state if isinstance(state, tuple) else ()

    def array(self) -> Array:
        """The array, if it is one of bytes. Raises `ValueError`."""
        match self.state:
            case (int(), tuple() as shape, _Type(text="u1" | "uint8"), _, bytes() as data):
                if all(isinstance(n, int) and n >= 0 for n in shape) and prod(shape) == len(data):
                    array = np.frombuffer(data, np.uint8)
                    return array.reshape(shape[::-1]).T if self.state[3] else array.reshape(shape)
        raise ValueError("an array is not one of bytes, or not as long as its shape")


def _encode(text: str, encoding: str = "latin1", errors: str = "strict") -> bytes:
    """Stands for `_codecs.encode`, by which Python 3 writes bytes into old pickles."""
    if encoding not in ("latin1", "latin-1"):
        raise ValueError(f"bytes in the encoding {encoding!r}")
    return text.encode("latin-1")


_KNOWN: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("numpy.core.multiarray", "_reconstruct"): lambda kind, *_: _Array(),
    ("numpy._core.multiarray", "_reconstruct"): lambda kind, *_: _Array(),
    ("_codecs", "encode"): _encode,
}


class _Refused(Exception):
    pass


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise _Refused(f"{module}.{name}") from None


def load(data: bytes, name: str) -> dict[str, Any]:
    """The dictionary of a pickle, keys as text, arrays of bytes as arrays.

    `name` is the file's, for messages. Raises `CompileError` if the pickle names anything but
    arrays, or is damaged.
    """
    try:
        found = _Unpickler(io.BytesIO(data), encoding="bytes").load()
        if not isinstance(found, dict):
            raise ValueError("it holds no dictionary")
        return {_text(key): _plain(value) for key, value in found.items()}
    except _Refused as problem:
        raise damaged(
            f"`{name}` is not read: it would call `{problem}`, and a file of CIFAR calls nothing "
            f"but what makes arrays",
            help="fetch the data set from its own page, or use the binary version",
        ) from None
    except Exception as problem:  # A damaged pickle fails in any way.
        reason = str(problem) or type(problem).__name__
        raise damaged(
            f"`{name}` is damaged: {reason}", help="copy it, or fetch the data set, again"
        ) from None


def _text(key: object) -> str:
    return key.decode("latin-1") if isinstance(key, bytes) else str(key)


def _plain(value: object) -> object:
    return value.array() if isinstance(value, _Array) else value
