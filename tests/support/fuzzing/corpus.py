"""Files of ours for mutations to start from, cut down to one model with what it needs, so that an
input is a small network and not a whole family."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[3]
#: Fixtures are files with a mistake each.
FOLDERS = ("examples", "resdsl/library", "tests/ops/cases", "tests/data", "tests/diagnostics")
#: A definition begins at the left margin, the comment above it included.
DEFINITION = re.compile(r"^(?:#[^\n]*\n)*(?=[A-Za-z])", re.MULTILINE)
HEAD = re.compile(r"^(block|model|def|let|recipe|expect|import|defaults)\s*(\w*)", re.MULTILINE)
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Text:
    """A text, and the file that it is taken for: imports are relative to that."""

    text: str
    path: Path = ROOT / "examples" / "net.res"


@dataclass(frozen=True)
class _Definition:
    kind: str
    name: str
    text: str

    @property
    def words(self) -> frozenset[str]:
        return frozenset(WORD.findall(self.text))


@cache
def _definitions(path: Path) -> tuple[_Definition, ...]:
    text = path.read_bytes().decode("utf-8", "replace")
    places = [m.start() for m in DEFINITION.finditer(text)]
    found = []
    for start, end in zip(places, [*places[1:], len(text)], strict=True):
        head = HEAD.search(text, start, end)
        if head is not None:
            found.append(_Definition(head[1], head[2], text[start:end]))
    return tuple(found)


@cache
def files() -> tuple[Path, ...]:
    """Every `.res` file of the repository."""
    return tuple(path for f in FOLDERS for path in sorted((ROOT / f).rglob("*.res")))


@cache
def _excerpts(path: Path) -> tuple[str, ...]:
    """For each model of the file, its definition and those that it leads to."""
    own = _definitions(path)
    always = [d for d in own if d.kind in ("import", "defaults")]
    excerpts = []
    for model in own:
        if model.kind != "model":
            continue
        kept, known = {model}, set(model.words)
        while more := {d for d in own if d.name in known and d not in kept and d.name}:
            kept |= more
            known |= {word for d in more for word in d.words}
        facts = [d for d in own if d.kind == "expect" and f"{model.name}." in d.text]
        excerpts.append("".join(d.text for d in own if d in kept or d in always or d in facts))
    return tuple(excerpts)


def text(pick: Random) -> Text:
    """A file of ours, or one model of it; now and then whole."""
    path = pick.choice(files())
    excerpts = _excerpts(path)
    if excerpts and (pick.random() < 0.98 or path.stat().st_size > 4000):
        return Text(pick.choice(excerpts), path)
    return Text(path.read_bytes().decode("utf-8", "replace"), path)
