"""Do the weights of a file fit a network? Every name and shape is compared before any is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.ir.graph import NamedWeight
from resdsl.weights.arrays import Array
from resdsl.weights.store import ArrayLayout, read_weights

#: Names shown of each sort; a file for another network would fill pages.
SHOWN = 8
#: PyTorch keeps a counter in every batch norm that no computation reads.
IGNORED = ".num_batches_tracked"


def layouts(weights: Iterable[NamedWeight], dtype: str = "float32") -> list[ArrayLayout]:
    """What a file of these weights says in its header."""
    return [ArrayLayout(named.name, named.weight.shape, dtype) for named in weights]


def load_weights(path: str | Path, weights: Iterable[NamedWeight]) -> dict[str, Array]:
    """The weights of a network from a file, in the network's order.

    Raises `CompileError` unless the file has exactly these names and shapes.
    """
    expected = {named.name: named.weight.shape for named in weights}
    found = read_weights(path)
    check_names(expected, found, f"`{path}`")
    return {name: found[name] for name in expected}


def check_names(
    expected: Mapping[str, tuple[int, ...]], found: Mapping[str, Array], source: str = "the file"
) -> None:
    """Raise `CompileError` unless names and shapes are the same."""
    missing = [name for name in expected if name not in found]
    extra = [n for n in found if n not in expected and not n.endswith(IGNORED)]
    unfit = list(_unfit(expected, found))
    problems = []
    if missing:
        message = f"{source} lacks {_count(missing)} of the network"
        near = _with_near_misses(missing[:SHOWN], extra)
        problems.append(_problem("R0713", message, near, len(missing)))
    if extra:
        message = f"{source} has {_count(extra)} that the network does not have"
        named = [f"`{name}`" for name in extra[:SHOWN]]
        problems.append(_problem("R0714", message, named, len(extra)))
    if unfit:
        message = f"{source} has {_count(unfit)} of another shape or type"
        problems.append(_problem("R0715", message, unfit[:SHOWN], len(unfit)))
    if problems:
        raise CompileError(problems)


def _unfit(expected: Mapping[str, tuple[int, ...]], found: Mapping[str, Array]) -> Iterator[str]:
    for name, shape in expected.items():
        array = found.get(name)
        if array is None:
            continue
        if array.shape != shape:
            yield f"`{name}` is {_shape(array.shape)} there and {_shape(shape)} in the network"
        elif array.dtype.kind != "f":
            yield f"`{name}` holds {array.dtype} there, not floating-point numbers"


def _with_near_misses(missing: Sequence[str], extra: Sequence[str]) -> list[str]:
    from difflib import get_close_matches  # Only an error pays for it.

    lines = []
    for name in missing:
        near = get_close_matches(name, extra, 1)
        lines.append(f"`{name}`" + (f", but there is `{near[0]}`" if near else ""))
    return lines


def _problem(code: str, message: str, lines: Sequence[str], total: int) -> Diagnostic:
    more = [f"and {total - len(lines)} more"] if total > len(lines) else []
    return Diagnostic(code, message, notes=(*lines, *more))


def _count(names: Sequence[str]) -> str:
    return "one weight" if len(names) == 1 else f"{len(names)} weights"


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) if shape else "a single number"
