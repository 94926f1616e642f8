"""The `.res` files that a command works on: files, folders, and `-` for standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resdsl.diagnostics import Source

STDIN = "-"
STDIN_SHOWN = "<stdin>"


def res_files(paths: Iterable[str]) -> list[str]:
    """The paths, each once; a folder stands for the `.res` files in it and below, sorted."""
    found: dict[str, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_below(path) if Path(path).is_dir() else [path]))
    return list(found)


def _below(folder: str) -> list[str]:
    from resdsl.diagnostics import error

    files = [
        str(Path(parent) / name)
        for parent, folders, names in os.walk(folder)
        if _keep_visible(folders)
        for name in names
        if name.endswith(".res")
    ]
    if not files:
        raise error("R0703", f"there is no `.res` file in the folder `{folder}`")
    return sorted(files)


def _keep_visible(folders: list[str]) -> bool:
    """Take hidden folders out of a walk: environments, version control."""
    folders[:] = [name for name in folders if not name.startswith(".")]
    return True


def shown(path: str) -> str:
    """The name under which messages speak of a file."""
    return STDIN_SHOWN if path == STDIN else path


def read(path: str) -> Source:
    """The text of a file, or of standard input, whose imports are relative to this folder."""
    from resdsl.records import replace
    from resdsl.syntax.reader import read_source, read_stream

    if path == STDIN:
        source = read_stream(sys.stdin.buffer, STDIN_SHOWN)
        return replace(source, path=str(Path.cwd() / STDIN_SHOWN))
    return read_source(path)
