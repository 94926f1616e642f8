"""What `--reference` names: a class or a function, in a file or in a module, and its arguments."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resdsl.codegen.runtime import Unavailable, import_file
from resdsl.diagnostics import error
from resdsl.records import dataclass, field

#: Base classes of the frameworks' modules, by the backend that runs them: the beginning of the
#: Python module's name, and the class's. A layer of Keras may be a module of PyTorch too.
BASES = (
    ("tensorflow", "keras.", "Layer"),
    ("torch", "torch.nn.", "Module"),
    ("jax", "flax.nnx.", "Module"),
)


@dataclass(frozen=True, slots=True)
class Reference:
    """The user's own module. `place` is a file or a module, `member` the class or function in it.

    `names` is a map of names that is taken as it is, `write_names` a file for the map in use.
    """

    place: str
    member: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    names: Path | None = None
    write_names: Path | None = None

    def __str__(self) -> str:
        return f"{self.place}:{self.member}"


def reference(
    text: str, arguments: str | None = None, names: str | None = None, write: str | None = None
) -> Reference:
    """From the words of the command line. Raises `CompileError` where they mean nothing."""
    # From the right: Windows has a colon behind the drive.
    place, colon, member = text.rpartition(":")
    if not colon or not place or not member or not all(map(str.isidentifier, member.split("."))):
        raise error("R0640", f"`{text}` names no module", help=_HELP)
    if place.endswith(".py"):
        if not Path(place).is_file():
            raise error("R0640", f"there is no file `{place}`", help=_HELP)
    elif not all(map(str.isidentifier, place.split("."))):
        raise error("R0640", f"`{place}` is neither a Python file nor a module", help=_HELP)
    return Reference(place, member, _arguments(arguments), _path(names), _path(write))


def _arguments(text: str | None) -> dict[str, Any]:
    try:
        given = {} if text is None else json.loads(text)
    except ValueError as problem:
        raise error("R0640", f"`{text}` is no JSON: {problem}", help=_ARGUMENTS) from None
    if not isinstance(given, dict):
        raise error("R0640", f"`{text}` is no JSON object", help=_ARGUMENTS)
    return given


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def find(wanted: Reference) -> Any:
    """Import what is named: the user's own code runs. Raises `Unavailable` if it is not there."""
    if wanted.place.endswith(".py"):
        path = Path(wanted.place).resolve()
        # Its neighbours are to be found, as they are when Python runs the file.
        sys.path.insert(0, str(path.parent))
        found: Any = import_file(path, path.stem)
    else:
        sys.path.insert(0, str(Path.cwd()))
        try:
            found = importlib.import_module(wanted.place)
        except ModuleNotFoundError as problem:
            raise Unavailable(f"there is no module `{problem.name}`", _HELP) from None
    for name in wanted.member.split("."):
        if not hasattr(found, name):
            raise Unavailable(f"`{wanted.place}` has no `{wanted.member}`", _HELP)
        found = getattr(found, name)
    if backend_of(type(found)) is not None or not callable(found):
        kind = type(found).__name__
        raise Unavailable(f"`{wanted}` is a {kind}", "name a class, or a function that makes one")
    return found


def make(maker: Any, wanted: Reference) -> Any:
    """The user's module. Where Flax is imported, a class that asks for `rngs` gets some."""
    arguments = dict(wanted.arguments)
    flax = sys.modules.get("flax.nnx")
    if flax is not None and "rngs" not in arguments and "rngs" in _required(maker):
        arguments["rngs"] = flax.Rngs(0)
    made = maker(**arguments)
    if backend_of(type(made)) is None:
        raise Unavailable(
            f"`{wanted}` makes a {type(made).__name__}",
            "parity runs a torch.nn.Module, a keras.Model or a flax.nnx.Module",
        )
    return made


def _required(maker: Any) -> list[str]:
    try:
        # Flax's classes of classes hide what the class takes.
        called = getattr(maker, "__init__") if isinstance(maker, type) else maker  # noqa: B009 (typing)
        parameters = inspect.signature(called).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.default is p.empty]


def backend_of(kind: type) -> str | None:
    """The backend whose framework a class is of; `None` if it is of none."""
    bases = {(base.__module__, base.__name__) for base in kind.__mro__}
    for backend, start, name in BASES:
        if any(f"{module}.".startswith(start) and n == name for module, n in bases):
            return backend
    return None


_HELP = "`--reference port.py:ResNet`, or `--reference timm:create_model`"
_ARGUMENTS = """`--reference-args '{"num_classes": 10}'`"""
