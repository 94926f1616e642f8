"""One file of a trace: arrays under `section/name`, and its description in the metadata.

Arrays are copied as bytes, a piece at a time, whatever type they have. Each section has a digest,
so that a file that was damaged on its way is not taken for a network that differs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from resdsl.codegen.runtime import Array, Arrays
from resdsl.diagnostics import CompileError, error
from resdsl.parity.traces.fields import Fields, damaged, parse, shown
from resdsl.weights.store import StoredArrays, copy_arrays, pieces

#: What the metadata says that a file is, and in which version.
FORMAT = "resdsl trace"
VERSION = "1"


def pack(folder: Path, description: Mapping[str, Any], path: Path) -> None:
    """Write the sections of a trace's folder as one file, with a description of JSON's types.

    A number that is not finite becomes `null`: JSON has none.
    """
    arrays: list[tuple[str, StoredArrays, str]] = []
    sections = {}
    for file in sorted(folder.glob("*.safetensors")):
        stored = StoredArrays(file)
        names = [(name, name) for name in stored]
        sections[file.stem] = {"arrays": len(stored), "sha256": digest(stored, names)}
        arrays.extend((f"{file.stem}/{name}", stored, name) for name in stored)
    text = json.dumps(shown({**description, "sections": sections}), allow_nan=False)
    copy_arrays(path, arrays, {"format": FORMAT, "version": VERSION, "description": text})


def digest(stored: StoredArrays, names: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of arrays: names (as they are to count, and as they are stored), types, shapes and
    bytes, in order."""
    made = hashlib.sha256()
    for name, key in names:
        layout = stored.layout_of(key)
        made.update(json.dumps([name, layout.code, list(layout.shape)]).encode())
        for piece in pieces(stored.bytes_of(key)):
            made.update(piece)
    return made.hexdigest()


def digest_of_file(*paths: Path) -> str:
    """Of all arrays in files; their order and their headers do not count."""
    made = hashlib.sha256()
    for path in paths:
        stored = StoredArrays(path)
        made.update(digest(stored, ((name, name) for name in sorted(stored))).encode())
    return made.hexdigest()


class PackedTrace:
    """A file that `pack` wrote, or that says so. Raises `CompileError` where it is damaged.

    It has the sections of a `resdsl.parity.trace.Trace`, and no code is run to read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stored = _open(path)
        metadata = self._stored.metadata
        if metadata.get("format") != FORMAT:
            raise _foreign(path, "a safetensors file of something else")
        if metadata.get("version") != VERSION:
            version = ascii(metadata.get("version"))[:20]
            raise error(
                "R0620",
                f"`{path}` is a trace in version {version} of the format, and {VERSION} is read",
                help="make it anew with this version of resdsl, or compare with that one",
            )
        text = metadata.get("description")
        if not isinstance(text, str):
            raise damaged(str(path), "there is none")
        self.description: Fields = parse(text, str(path))
        self._sections = self._sort()

    @property
    def side(self) -> dict[str, Any]:
        """What a report shows of the run."""
        seconds = self.description["seconds"].items()
        return {
            "policy": self.description["policy"].object(),
            "seconds": {phase: spent.number() for phase, spent in seconds},
        }

    @property
    def sections(self) -> frozenset[str]:
        """What they are called."""
        return frozenset(self._sections)

    def section(self, name: str) -> Arrays | None:
        """The arrays of a section, mapped; `None` where there is none."""
        keys = self._sections.get(name)
        return None if keys is None else _Section(self._stored, keys)

    def _sort(self) -> dict[str, dict[str, str]]:
        """The keys of each section by the names of its arrays: as described, bit by bit."""
        found: dict[str, dict[str, str]] = {}
        for key in self._stored:
            section, slash, name = key.partition("/")
            if not slash:
                raise damaged(str(self.path), f"the array `{key}` is in no section")
            found.setdefault(section, {})[name] = key
        said = dict(self.description["sections"].items())
        for section in [*said, *found]:
            if (
                section not in said
                or len(found.get(section, ())) != said[section]["arrays"].whole()
            ):
                raise damaged(str(self.path), f"the section `{section}` is not as it says")
            if digest(self._stored, found[section].items()) != said[section]["sha256"].text():
                raise damaged(str(self.path), f"bytes of the section `{section}` have changed")
        return found


class _Section(Mapping[str, Array]):
    """The arrays of one section, each made when it is asked for."""

    def __init__(self, stored: StoredArrays, keys: Mapping[str, str]) -> None:
        self._stored = stored
        self._keys = keys

    def __getitem__(self, name: str) -> Array:
        return self._stored[self._keys[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def _open(path: Path) -> StoredArrays:
    if not path.is_file():
        what = (
            "is a folder" if path.is_dir() else "is not there" if not path.exists() else "is none"
        )
        raise error("R0602", f"`{path}` {what}: a trace is a file that `resdsl trace` wrote")
    try:
        return StoredArrays(path)
    except CompileError as failure:
        if any(found.code == "R0710" for found in failure.diagnostics):
            raise _foreign(path, "not a safetensors file") from None
        raise


def _foreign(path: Path, what: str) -> CompileError:
    return error("R0620", f"`{path}` is no trace: it is {what}", help="`resdsl trace` writes one")
