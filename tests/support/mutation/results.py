"""Results as a committed table: one JSON object a line, and a page for readers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from mutation.catalogue import SOURCE_FAULTS
from mutation.onnx_faults import ONNX_FAULTS
from mutation.runner import Result
from mutation.runtime_faults import RUNTIME_FAULTS
from resdsl.records import fields

BACKENDS = {"torch": "PyTorch", "jax": "JAX", "tensorflow": "TensorFlow", "onnx": "ONNX"}
#: What each fault means. ONNX words some of them in its own way.
MEANINGS = {f.id: f.means for f in (*ONNX_FAULTS, *SOURCE_FAULTS, *RUNTIME_FAULTS)}


def write_results(results: Sequence[Result], path: Path) -> None:
    """One object a line, so that changes are seen line by line."""
    lines = [json.dumps(_plain(result)) for result in results]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def _plain(result: Result) -> dict[str, object]:
    found = {f.name: getattr(result, f.name) for f in fields(result)}
    # A site in a block of many stages is known by the first of its nodes.
    found["paths"] = list(result.paths[:3])
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def read_results(path: Path) -> list[Result]:
    """The inverse of `write_results`, but for what that leaves out."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    return [
        Result(**{"fault": "", "what": "", **e, "paths": tuple(e.get("paths", ()))})
        for e in entries
    ]


def summary(results: Sequence[Result]) -> Iterator[str]:
    """What came out, in a few lines."""
    mutants, unchanged = _parted(results)
    yield f"{len(mutants)} mutants of {len({r.fault for r in mutants})} faults"
    yield f"detected: {_share(mutants, lambda r: r.is_detected)}"
    yield f"false alarms: {sum(r.is_detected for r in unchanged)} of {len(unchanged)}"
    for result in results:
        if not result.is_right:
            yield _line(result)


def _parted(results: Iterable[Result]) -> tuple[list[Result], list[Result]]:
    results = list(results)
    return [r for r in results if r.fault], [r for r in results if not r.fault]


def _share(results: Sequence[Result], holds: Callable[[Result], bool]) -> str:
    count = sum(map(holds, results))
    share = 100 * count / len(results) if results else 0
    return f"{count} of {len(results)} ({share:.1f} %)"


def _line(result: Result) -> str:
    place = f"line {result.line}: {result.paths[0]}" if result.paths else "the training step"
    what = result.fault or "unchanged"
    return f"{what} in {result.network} ({result.backend}), {place}: {result.how} {result.what}"


def page(results: Sequence[Result]) -> str:
    """The table as Markdown."""
    mutants, unchanged = _parted(results)
    names = list(dict.fromkeys(r.network for r in results))
    lines = [
        "# Mutation testing of parity",
        "",
        "What a careful person gets wrong, or a framework does by default, put on purpose into the",
        f"generated files of {len(names)} networks (`tests/mutation/networks`): each fault in each",
        "backend, one at a time, at a place of its own. Parity then compares the file with the",
        "reference, in float64 and over two training steps. `make mutation` makes this page and",
        "[the list of all mutants](../../tests/mutation/results.json).",
        "",
        "| | mutants | detected | false alarms |",
        "|---|---|---|---|",
    ]
    for backend, title in BACKENDS.items():
        own = [r for r in mutants if r.backend == backend]
        right = [r for r in unchanged if r.backend == backend]
        alarms = f"{sum(r.is_detected for r in right)} of {len(right)}"
        found = _share(own, lambda r: r.is_detected)
        lines.append(f"| {title} | {len(own)} | {found} | {alarms} |")
    alarms = f"{sum(r.is_detected for r in unchanged)} of {len(unchanged)}"
    found = _share(mutants, lambda r: r.is_detected)
    lines.append(f"| all | {len(mutants)} | {found} | {alarms} |")
    missed = [r for r in results if not r.is_right]
    if missed:
        lines += ["", "## Missed", "", *(f"- {_line(r)}" for r in missed)]
    lines += ["", "## Faults", "", *_faults(mutants)]
    return "\n".join(lines) + "\n"


def _faults(mutants: Sequence[Result]) -> Iterator[str]:
    """A row for each fault: detected of all, in each backend."""
    yield f"| fault | | {' | '.join(BACKENDS.values())} |"
    yield f"|---|---|{'---|' * len(BACKENDS)}"
    for fault in dict.fromkeys(MEANINGS):
        own = [r for r in mutants if r.fault == fault]
        cells = []
        for backend in BACKENDS:
            there = [r for r in own if r.backend == backend]
            found = sum(r.is_detected for r in there)
            cells.append(f"{found} of {len(there)}" if there else "")
        if own:
            yield f"| `{fault}` | {MEANINGS[fault]} | {' | '.join(cells)} |"
