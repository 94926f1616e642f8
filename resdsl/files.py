"""Write a file as a whole or not at all.

Bottom floor. A command that is interrupted or runs out of space leaves what stood there before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from resdsl.diagnostics import CompileError, error


@contextmanager
def atomic_write(path: str | Path, durable: bool = False) -> Iterator[BinaryIO]:
    """A new binary file that takes the place of `path` when the `with` body ends well.

    Missing folders are made. A `durable` file is on the disk before it takes that place, so that
    it is whole after a power cut too. Raises `CompileError` where the file cannot be written.
    """
    # Through a symbolic link, as a plain write goes.
    target = Path(os.path.realpath(path))
    # In the same folder, since a file cannot be renamed from one file system to another.
    temporary = target.parent / f".resdsl-{os.urandom(6).hex()}.tmp"
    try:
        _expect_file(path, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            if durable:
                flush(file)
        temporary.replace(target)
        if durable:
            _flush_folder(target.parent)
    except OSError as problem:
        raise _unwritable(path, problem) from None
    finally:
        _remove(temporary)


def flush(file: IO[Any]) -> None:
    """Bring what was written to the disk."""
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Bring the names of a folder's files to the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: str | Path, text: str) -> None:
    """Write a text as UTF-8, with the line ends it has."""
    with atomic_write(path) as file:
        file.write(text.encode())


def _expect_file(path: str | Path, target: Path) -> None:
    if target.is_dir():
        raise error("R0720", f"`{path}` is a folder, not a file that could be written")
    if target.exists() and not target.is_file():
        raise error("R0721", f"`{path}` cannot be written: it is not a regular file")


def _remove(temporary: Path) -> None:
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        return  # The folder could not be entered, so there is nothing of ours in it.


def _unwritable(path: str | Path, problem: OSError) -> CompileError:
    if isinstance(problem, NotADirectoryError | FileExistsError):
        return error("R0721", f"`{path}` cannot be written: a file stands where a folder should")
    reason = problem.strerror or str(problem)
    return error("R0721", f"`{path}` cannot be written: {reason[:1].lower()}{reason[1:]}")
