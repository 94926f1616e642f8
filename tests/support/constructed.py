"""What generated constructors make, run against stand-ins for the frameworks, and what the
elaborator named: the two readings of a definition, compared."""

from __future__ import annotations

import sys
from typing import Any
from unittest.mock import patch

import numpy  # noqa: F401  (generated files import it, and it cannot be imported twice)
import safetensors.numpy  # noqa: F401
from compiled import definitions, source_of
from stubs import MODULES, Anything, Shape, named_shapes

from resdsl.ir.graph import Graph


def constructed(graph: Graph, backend: str, arguments: dict[str, Any]) -> dict[str, Shape | None]:
    """Names and shapes of the weights that the generated constructor makes."""
    with patch.dict(sys.modules, MODULES[backend]()):
        names = definitions(source_of(graph, backend))
        classes = [v for v in names.values() if isinstance(v, type) and v.__module__ == "generated"]
        model = next(c for c in reversed(classes) if (c.__doc__ or "").startswith("Maps "))
        extra = {"rngs": Anything()} if backend == "jax" else {}
        return dict(named_shapes(model(**arguments, **extra)))


def fits(found: Shape | None, wanted: Shape) -> bool:
    """Whether a shape is the one wanted, as far as the constructor knows it."""
    if found is None:
        return True
    return len(found) == len(wanted) and all(
        f in (None, w) for f, w in zip(found, wanted, strict=True)
    )


def check_constructor(
    generated: Graph, elaborated: Graph, backend: str, *, ordered: bool = True, **arguments: Any
) -> None:
    """The source of one graph, given arguments, makes the weights of another.

    They come in the same order, but for lists that one loop fills side by side.
    """
    wanted = {w.name: w.weight.shape for w in elaborated.weights}
    found = constructed(generated, backend, arguments)
    assert found.keys() == wanted.keys()
    assert [n for n in wanted if not fits(found[n], wanted[n])] == []
    if backend != "tensorflow":
        assert found == wanted
        assert not ordered or list(found) == list(wanted), "the order of definition"
