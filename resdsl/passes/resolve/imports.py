"""The files that a file imports: found, read once, and held to the bounds.

A path is relative to the file that imports it, and leads to a place inside the project: the folder
that the user names, or else the nearest one above the first file with a `pyproject.toml` or a
`.git`, or else that file's own folder. Links are followed before that is judged.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from resdsl import library
from resdsl.diagnostics import CompileError, Diagnostic, Source, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean, listed
from resdsl.passes.resolve.defaults import Defaults
from resdsl.passes.resolve.file_names import FileNames
from resdsl.records import dataclass, field, replace
from resdsl.syntax import ast, parse, read_source

MAX_FILES = 256
MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64

#: What marks the top folder of a project.
_MARKS = ("pyproject.toml", ".git")
#: Imports shown one by one; of a longer way the innermost, and where it began.
_SHOWN = 4
_LIBRARY = Path(library.__path__[0]) / "std"


@dataclass(slots=True)
class Shared:
    """What the files of one program have in common while they are resolved."""

    #: The folder that imports stay in, once it is known.
    root: str | None = None
    #: Every file that was asked for, by its place; `None` where something is wrong with it.
    files: dict[str, FileNames | None] = field(default_factory=dict)
    #: The files that are being read, each with the `import` that led to it.
    under_way: list[tuple[str, Span | None]] = field(default_factory=list)
    all_names: list[FileNames] = field(default_factory=list)
    #: The prelude's blocks for each set of defaults that files have for its operations.
    preludes: list[tuple[Defaults, FileNames]] = field(default_factory=list)
    bytes_read: int = 0

    def begin(self, source: Source, root: str | None) -> None:
        """Start from the first file, with the project's folder where the user names one."""
        if root is not None:
            self.root = os.path.realpath(root)
        elif source.path is not None:
            self.root = str(_project_of(Path(os.path.realpath(source.path)).parent))
        if source.path is not None:
            self.under_way.append((os.path.realpath(source.path), None))

    def names(self) -> FileNames:
        """The names of one more file."""
        self.all_names.append(FileNames(len(self.all_names)))
        return self.all_names[-1]

    def bring(
        self, item: ast.Import, importer: Source, resolve: Callable[[ast.File], FileNames]
    ) -> FileNames | None:
        """The names of the file that an `import` asks for, or `None` where that has been reported.

        Raises `CompileError` with everything that is wrong with the file, the first time.
        """
        place, shown = self._library(item) if item.is_library else self._place(item, importer)
        if any(place == reading for reading, _ in self.under_way):
            raise self._circle(place, shown, item)
        if place not in self.files:
            self._insist_bounded(item)
            self.files[place] = None
            self.under_way.append((place, item.span))
            try:
                self.files[place] = resolve(parse(self._read(place, shown, item)))
            except CompileError as failure:
                raise CompileError(_seen_from(d, item) for d in failure.diagnostics) from None
            finally:
                self.under_way.pop()
        return self.files[place]

    # ---- finding --------------------------------------------------------------------------------

    def _library(self, item: ast.Import) -> tuple[str, str]:
        first, _, name = item.path.partition(".")
        known = sorted(path.stem for path in _LIBRARY.glob("*.res"))
        if first == "std" and name in known:
            return str(_LIBRARY / f"{name}.res"), f"<std.{name}>"
        parts = [f"std.{n}" for n in known]
        raise error(
            "R0218",
            f"the library has no `{clipped(item.path)}`",
            item.span,
            help=did_you_mean(item.path, parts) or f"it has {listed(parts, 20)}",
        )

    def _place(self, item: ast.Import, importer: Source) -> tuple[str, str]:
        """The real path of a file, and the name to report it by."""
        if importer.path is None or self.root is None:
            raise error("R0218", "this text is in no file, so that none is beside it", item.span)
        if Path(item.path).is_absolute():
            message = "imports are relative to the file they stand in, and this path is absolute"
            raise error("R0230", message, item.span)
        if "\0" in item.path:
            raise error("R0218", "no file has such a name", item.span)
        folder = Path(os.path.realpath(importer.path)).parent
        place = os.path.realpath(folder / item.path)
        if not Path(place).is_relative_to(self.root):
            raise error(
                "R0230",
                f"`{clipped(item.path)}` is outside the project",
                item.span,
                notes=[f"the project is the folder `{os.path.relpath(self.root, folder)}`"],
                help="`--import-root FOLDER` lets imports lead to any place in that folder",
            )
        return place, os.path.normpath(Path(importer.name).parent / item.path)

    def _read(self, place: str, shown: str, item: ast.Import) -> Source:
        try:
            source = read_source(place, shown)
        except CompileError as failure:
            (found,) = failure.diagnostics
            # Where a path is too long to be one, `Path.is_file` raises.
            longer = os.path.isfile(f"{place}.res")  # noqa: PTH113
            help = f'did you mean `import "{item.path}.res"`?' if longer else found.help
            raise error("R0218", found.message, item.span, notes=found.notes, help=help) from None
        self.bytes_read += len(source.text)
        if self.bytes_read > MAX_BYTES:
            message = f"the imported files are larger than {MAX_BYTES // 1024**2} MiB together"
            raise error("R0233", message, item.span)
        return source

    # ---- circles and bounds ---------------------------------------------------------------------

    def _circle(self, place: str, shown: str, item: ast.Import) -> CompileError:
        start = [reading for reading, _ in self.under_way].index(place)
        links = [*(span for _, span in self.under_way[start + 1 :]), item.span]
        steps = [f"{span} has `{span.text}`" for span in links if span is not None]
        if len(steps) > 2 * _SHOWN:
            steps = [*steps[:_SHOWN], "...", *steps[-_SHOWN:]]
        return error(
            "R0231",
            f"`{shown}` imports itself" + (" by way of others" if len(links) > 1 else ""),
            item.span,
            notes=steps if len(links) > 1 else (),
            help="put what both need into a file that imports neither" if len(links) > 1 else None,
        )

    def _insist_bounded(self, item: ast.Import) -> None:
        if len(self.files) >= MAX_FILES:
            raise error("R0233", f"more than {MAX_FILES} files are imported", item.span)
        if len(self.under_way) > MAX_DEPTH:
            message = f"imports lead from file to file, more than {MAX_DEPTH} deep"
            raise error("R0233", message, item.span)


def _project_of(folder: Path) -> Path:
    """The top of the project that a folder is in; the folder itself where nothing marks one."""
    for candidate in (folder, *folder.parents):
        if any((candidate / mark).exists() for mark in _MARKS):
            return candidate
    return folder


def _seen_from(diagnostic: Diagnostic, item: ast.Import) -> Diagnostic:
    """What is wrong in an imported file, with the way that led there."""
    primary = diagnostic.primary
    here = primary is not None and primary.span.source is item.span.source
    if here or diagnostic.code == "R0231":
        return diagnostic
    notes = diagnostic.notes
    way = [n for n in notes if n.startswith(("imported at", "and so on"))]
    if len(way) < _SHOWN:
        return replace(diagnostic, notes=(*notes, f"imported at {item.span}"))
    kept = notes[:-1] if len(way) > _SHOWN else notes
    return replace(diagnostic, notes=(*kept, f"and so on, from {item.span}"))
