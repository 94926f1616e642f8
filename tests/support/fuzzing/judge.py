"""What becomes of one input: everything the command line does with a file, short of a framework.

Only `CompileError` may come of it. The text is checked as a whole; what is said about it is shown
as text, JSON and SARIF; what parses is laid out; what has no error is summarized and becomes
source.
"""

from __future__ import annotations

import ast
import json
import resource
import signal
import time
import traceback
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from resdsl import __version__
from resdsl.analysis.summary import summarize
from resdsl.codegen.backend import get_backend
from resdsl.diagnostics import CompileError, Diagnostic, Source, render_all, to_json
from resdsl.diagnostics.codes import CODES
from resdsl.diagnostics.sarif import to_sarif
from resdsl.ir.graph import Graph
from resdsl.passes.check import Checked, check_source
from resdsl.passes.recipes import load_recipe
from resdsl.passes.resolve import resolve
from resdsl.recipes.recipe import Recipe
from resdsl.recipes.text import recipe_from_json, recipe_text, recipe_to_json
from resdsl.syntax import parse
from resdsl.syntax.formatter import format_source
from resdsl.syntax.reader import source_of
from tests.support.fuzzing.inputs import Input

#: Processor time for one input. What the bounds of the language allow takes half of it.
SECONDS = 20.0
#: Memory that one input may take beyond what the process has.
BYTES = 2**30
BACKENDS = ("torch", "jax", "tensorflow")
#: Networks of one file that become source.
MODELS = 2
#: Nodes of a network that becomes source: larger ones are no different.
NODES = 3000


class TooLong(BaseException):
    """An input has used up its time. No `except Exception` stops it."""


@dataclass(frozen=True)
class Verdict:
    """What came of an input."""

    #: `compiled`, `refused`, or the failure: its kind and place, by which failures are told apart.
    outcome: str
    seconds: float
    #: The traceback of a failure.
    details: str = ""

    @property
    def is_failure(self) -> bool:
        return self.outcome not in ("compiled", "refused")


def judge(given: Input, turn: int = 0) -> Verdict:
    """Put one input through the compiler, within bounds of time and memory.

    What takes long is done in turns: every third input is laid out, and each becomes source for one
    backend.
    """
    start = time.process_time()
    details = ""
    try:
        with _bounded():
            outcome = _outcome(given, turn)
    except CompileError as failure:
        outcome, details = _place("CompileError outside its stage", failure)
    except (Exception, TooLong) as failure:
        outcome, details = _place(type(failure).__name__, failure)
    return Verdict(outcome, time.process_time() - start, details)


def _place(kind: str, failure: BaseException) -> tuple[str, str]:
    frames = traceback.extract_tb(failure.__traceback__)
    own = [f for f in frames if "/tests/" not in f.filename and "/lib/" not in f.filename]
    # Where time or memory end is chance.
    by_chance = isinstance(failure, TooLong | MemoryError | RecursionError)
    at = f" in {Path(own[-1].filename).name}:{own[-1].name}" if own and not by_chance else ""
    if not own:
        at = f": {failure}"
    return kind + at, "".join(traceback.format_exception(failure, limit=-5))


@contextmanager
def _bounded() -> Iterator[None]:
    """Processor time and memory end in exceptions."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + BYTES, limits[1]))
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, limits)


def _outcome(given: Input, turn: int) -> str:
    try:
        source = source_of(given.data, "net.res", str(given.path))
    except CompileError as failure:
        _shown(failure.diagnostics)
        return "refused"
    checked = check_source(source)
    _shown(checked.diagnostics)
    if turn % 3 == 0:
        _laid_out(source, checked)
    for recipe in checked.recipes.values():
        _written_again(recipe)
    backend = BACKENDS[turn // 3 % len(BACKENDS)]
    for graph in list(checked.graphs.values())[:MODELS]:
        if len(graph.nodes) <= NODES and not checked.errors:
            _consumed(graph, backend)
    return "refused" if checked.errors else "compiled"


def _shown(diagnostics: list[Diagnostic] | tuple[Diagnostic, ...]) -> None:
    """What is said has a place in the text, a known code, and is harmless on a terminal."""
    text = render_all(diagnostics) + render_all(diagnostics, color=True).replace("\x1b[", "")
    unsafe = {c for c in set(text) if c != "\n" and unicodedata.category(c) in _UNSAFE}
    assert not unsafe, f"a message holds {unsafe}"
    json.loads(json.dumps(to_json(diagnostics)))
    json.loads(json.dumps(to_sarif([("net.res", d) for d in diagnostics], __version__)))
    for diagnostic in diagnostics:
        assert diagnostic.code in CODES
        labels = [diagnostic.primary] if diagnostic.primary is not None else []
        assert labels or diagnostic.code.startswith("R07"), f"{diagnostic.code} has no place"
        for label in [*labels, *diagnostic.secondary]:
            span = label.span
            assert 0 <= span.start <= span.end <= len(span.source.text), "a span outside its text"


#: Control characters, overrides of the writing direction and halves of characters.
_UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def _laid_out(source: Source, checked: Checked) -> None:
    """What parses has a layout, which is final; what does not parse has none."""
    try:
        once = format_source(source)
    except CompileError:
        assert checked.program is None, "a file that compiles has no layout"
        return
    again = format_source(Source("net.res", once))
    assert again == once, "the layout of a layout is another"


def _written_again(recipe: Recipe) -> None:
    """A recipe as text and as JSON is the recipe."""
    text = Source("net.res", recipe_text(recipe))
    assert load_recipe(resolve(parse(text))) == recipe, "the recipe's text is another recipe"
    assert recipe_from_json(json.loads(json.dumps(recipe_to_json(recipe)))) == recipe


def _consumed(graph: Graph, backend: str) -> None:
    """A network as a table and as source, which is Python."""
    str(summarize(graph, depth=2))
    emit: Any = get_backend(backend).emit
    try:
        text = emit(graph)
    except CompileError as failure:
        _shown(failure.diagnostics)
        return
    ast.parse(text)
