"""Reads `.res` files into `Source`s: the first thing that happens to a file.

Reading is bounded, so that a device file or a mistyped path to some weights fails at once, and
every way it can fail is a diagnostic.
"""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from resdsl.diagnostics import CompileError, Source, error
from resdsl.syntax.limits import FILE_BYTES

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOST = FILE_BYTES + len(BYTE_ORDER_MARK) + 1
"""What is read of a file: one byte more than it may have."""


def read_source(path: str | os.PathLike[str], name: str | None = None) -> Source:
    """The text of a file, reported under `name` (by default, the path as it was given)."""
    shown = name if name is not None else os.fspath(path)
    return source_of(_read_bounded(path, shown), shown, os.fspath(path))


def read_stream(stream: BinaryIO, shown: str) -> Source:
    """The text that a stream brings, such as standard input."""
    return source_of(stream.read(_MOST), shown)


def source_of(data: bytes, shown: str, path: str | None = None) -> Source:
    """The text that bytes are; `path` is where they were read, for imports beside them."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    if len(data) > FILE_BYTES:
        raise too_large(shown)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as failure:
        line = data.count(b"\n", 0, failure.start) + 1
        raise error(
            "R0704",
            f"`{shown}` is not UTF-8 text",
            notes=[f"line {line} holds the byte 0x{data[failure.start]:02x}"],
            help="save the file as UTF-8",
        ) from None
    if "\0" in text:
        # Otherwise each of them would be a mistake of its own.
        raise error("R0704", f"`{shown}` is not text", notes=["it holds zero bytes"])
    return Source(shown, text, path)


def too_large(shown: str) -> CompileError:
    """The error for a text over the bound, read from a file or not."""
    return error(
        "R0705",
        f"`{shown}` is larger than {FILE_BYTES // 1024**2} MiB",
        help="split it, and bring the parts together with `import`",
    )


def _read_bounded(path: str | os.PathLike[str], shown: str) -> bytes:
    """The bytes of a regular file, and of a large one enough to see that it is."""
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for someone to write to it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError
            if not stat.S_ISREG(mode):
                raise error("R0702", f"`{shown}` is not a regular file")
            return file.read(_MOST)
    except FileNotFoundError:
        raise error("R0701", f"there is no file `{shown}`") from None
    except IsADirectoryError:
        raise error(
            "R0703", f"`{shown}` is a folder", help="name one of the `.res` files in it"
        ) from None
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or str(failure)
        raise error("R0702", f"`{shown}` cannot be read: {reason}") from None
