"""Keeps Lark's tables between runs: a file with mistakes need not wait until they are built.

The cache is a folder of the user's own (`$XDG_CACHE_HOME/resdsl` or `~/.cache/resdsl`) that nobody
else can write to; where there is none, there is no cache. What is read back is plain data: the
unpickler refuses every class and function, so a forged file cannot run anything, and a damaged one
fails its digest and is built anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import stat
from collections.abc import Callable
from pathlib import Path

_DIGEST_BYTES = 32
_LARGEST_FILE = 4 * 1024 * 1024


def key_of(*parts: str) -> str:
    """A file name for tables that depend on exactly these texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def load(key: str) -> object | None:
    """The data stored under a key, or None where there is none to be trusted."""
    try:
        stored = _read(_folder() / f"{key}.tables")
        digest, payload = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
        if hashlib.sha256(payload).digest() != digest:
            return None
        data: object = _DataUnpickler(io.BytesIO(payload)).load()
    except Exception:  # Whatever is wrong with a cache, the answer is to do without it.
        return None
    return data


def store(key: str, payload: bytes) -> None:
    """Store pickled data under a key, atomically; where that is impossible, do nothing."""
    # A full disk, a read-only home, a system without these flags: none stops a compilation.
    with contextlib.suppress(Exception):
        partial = _folder() / f"{key}.{os.getpid()}.partial"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(partial, flags, 0o600), "wb") as file:
            file.write(hashlib.sha256(payload).digest() + payload)
        partial.replace(partial.with_name(f"{key}.tables"))


class _DataUnpickler(pickle.Unpickler):
    """Reads numbers, texts, lists and dicts, and nothing that has a name to look up."""

    def find_class(self, module: str, name: str) -> object:
        raise pickle.UnpicklingError(f"{module}.{name} is no data")


def _folder() -> Path:
    """The cache folder, made if need be; raises OSError where it cannot be the user's alone."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        base = Path.home() / ".cache"
    if not base.is_absolute():
        raise OSError("no home folder")
    folder = base / "resdsl"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(0o700)
    _insist_private(folder.lstat(), stat.S_ISDIR)
    return folder


def _read(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        _insist_private(os.fstat(descriptor), stat.S_ISREG)
        return file.read(_LARGEST_FILE)


def _insist_private(status: os.stat_result, is_kind: Callable[[int], bool]) -> None:
    """Owned by the user, writable by nobody else, and no link."""
    others_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not is_kind(status.st_mode):
        raise OSError("not the kind of file expected")
    if status.st_uid != os.getuid() or others_write:
        raise OSError("not the user's own")
