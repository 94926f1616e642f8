"""Maps of names as JSON or TOML: another implementation's, each with the canonical one."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from resdsl.diagnostics import CompileError, error
from resdsl.files import write_text


def read_names(path: str | Path) -> dict[str, str]:
    """Their names to ours. Raises `CompileError` where the file is no such map."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error("R0643", f"there is no file `{path}`") from None
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no text in UTF-8"
        raise error("R0643", f"`{path}` cannot be read: {reason.lower()}") from None
    try:
        data = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as problem:
        kind = "TOML" if path.suffix == ".toml" else "JSON"
        raise error("R0643", f"`{path}` is no {kind}: {problem}", help=_HELP) from None
    names = dict(_flat(path, data))
    twice = [name for name, count in Counter(names.values()).items() if count > 1]
    if twice:
        theirs = ", ".join(f"`{t}`" for t, ours in names.items() if ours == twice[0])
        raise error("R0643", f"`{path}` gives `{twice[0]}` to several: {theirs}")
    return names


def _flat(path: Path, data: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """A dotted key of TOML, written without quotes, is a table in a table."""
    if not isinstance(data, dict):
        raise error("R0643", f"`{path}` holds no names", help=_HELP)
    for key, value in data.items():
        name = f"{before}.{key}" if before else key
        if isinstance(value, dict):
            yield from _flat(path, value, name)
        elif isinstance(value, str):
            yield name, value
        else:
            raise error("R0643", f"`{path}`: `{name}` has no name but {value!r}", help=_HELP)


def write_names(path: str | Path, names: Mapping[str, str]) -> None:
    """Write a map, whole or not at all: as TOML if the file is called so, else as JSON."""
    if Path(path).suffix == ".toml":
        # A text of JSON is one of TOML too.
        lines = (f"{json.dumps(theirs)} = {json.dumps(ours)}\n" for theirs, ours in names.items())
        write_text(path, "".join(lines))
        return
    write_text(path, json.dumps(dict(names), indent=1, ensure_ascii=False) + "\n")


def check_map(names: Mapping[str, str], theirs: Sequence[str], ours: Sequence[str]) -> None:
    """Raise `CompileError` unless a map is about these weights; shapes are not looked at."""
    for what, used, there in (
        ("weight of your module", list(names), theirs),
        ("weight of the network", list(names.values()), ours),
    ):
        unknown = [name for name in used if name not in there]
        missing = [name for name in there if name not in set(used)]
        if unknown or missing:
            raise _misnamed(what, unknown, missing)


def _misnamed(what: str, unknown: list[str], missing: list[str]) -> CompileError:
    from difflib import get_close_matches  # Only an error pays for it.

    lines = [f"`{name}` is in no line of the map" for name in missing]
    for name in unknown:
        near = get_close_matches(name, missing, 1)
        lines.append(f"`{name}` is no {what}" + (f", but `{near[0]}` is" if near else ""))
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return error(
        "R0643", f"the map of names does not have every {what} once", notes=(*lines[:SHOWN], *more)
    )


#: Lines shown of one sort.
SHOWN = 8
_HELP = '`{"stem.conv.weight": "conv1.weight", …}`, yours first; `--write-names` writes one'
