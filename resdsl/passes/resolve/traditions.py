"""`defaults keras` and the like: what a library's own layers do where nothing is said.

Each tradition is a file of the language, `library/traditions/keras.res`, with one `defaults`. The
meaning of an operation stays one: a tradition only gives arguments that the author could give.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from resdsl import library
from resdsl.diagnostics import Bag, CompileError, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean, listed
from resdsl.passes.resolve.defaults import Defaults
from resdsl.passes.resolve.expressions import resolve_expression
from resdsl.passes.resolve.lexical import FileNames, Lexical
from resdsl.syntax import ast, parse, read_source

_FOLDER = Path(library.__path__[0]) / "traditions"
TRADITIONS = ("torchvision", "keras", "flax", "caffe")


def tradition(name: str, span: Span) -> Defaults:
    """The defaults of a tradition. Raises for one that there is not."""
    if name not in TRADITIONS:
        raise _unknown(name, span)
    return _read(name)


@cache
def _read(name: str) -> Defaults:
    scope, bag = Lexical(FileNames()), Bag()
    (item,) = parse(read_source(_FOLDER / f"{name}.res", f"<defaults {name}>")).items
    assert isinstance(item, ast.Defaults)
    defaults = Defaults().with_calls(
        item, lambda e: resolve_expression(e, scope, Defaults()), scope, bag
    )
    bag.raise_errors()
    return defaults


def _unknown(name: str, span: Span) -> CompileError:
    help = did_you_mean(name, TRADITIONS) or f"there are {listed(TRADITIONS)}"
    if name in ("torch", "pytorch"):
        help = "where nothing is said, operations do as PyTorch's layers"
    return error("R0221", f"there is no tradition called `{clipped(name)}`", span, help=help)
