"""A generated source file as a live model, without a file on disk."""

from __future__ import annotations

import sys
from importlib.abc import SourceLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.lower.dialect import pascal
from resdsl.diagnostics import error
from resdsl.ir.graph import Graph

_numbers = count()


class _TextLoader(SourceLoader):
    """Lets Python import a text; tracebacks and `inspect.getsource` show its lines."""

    def __init__(self, text: str, file_name: str) -> None:
        self._text = text
        self._file_name = file_name

    def get_filename(self, fullname: str) -> str:
        return self._file_name

    def get_data(self, path: str | bytes) -> bytes:
        return self._text.encode()


def build(graph: Graph, name: str, weights: Path | None = None) -> Any:
    """The network as a model of the framework, with the weights of a canonical file if given."""
    backend = get_backend(name)
    if backend.emit is None or not backend.builder:
        raise error("R0506", f"the backend `{name}` makes no live model")
    missing = [package for package in backend.requires if find_spec(package) is None]
    if missing:
        raise error(
            "R0505",
            f"{backend.title} needs {', '.join(missing)}, which is not installed",
            help=f"`pip install 'resdsl[{backend.extra}]'`",
        )
    make = backend.load_builder()
    module = _module(backend.emit(graph), backend, graph)
    return make(module, getattr(module, pascal(graph.name)), weights)


def _module(text: str, backend: Backend, graph: Graph) -> ModuleType:
    """A module of its own for every build, importable by its name, as pickling wants it."""
    name = f"_resdsl_{next(_numbers)}_{graph.name}_{backend.name}"
    spec = spec_from_loader(name, _TextLoader(text, f"<resdsl>/{backend.file_name(graph.name)}"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
