"""Results as a committed table: one JSON object a line, and a page for readers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mutation.catalogue import SOURCE_FAULTS
from mutation.expected import CAUSES
from mutation.onnx_faults import ONNX_FAULTS
from mutation.runner import Result
from mutation.runtime_faults import RUNTIME_FAULTS
from resdsl.records import fields

BACKENDS = {"torch": "PyTorch", "jax": "JAX", "tensorflow": "TensorFlow", "onnx": "ONNX"}
#: What each fault means. ONNX words some of them in its own way.
MEANINGS = {f.id: f.means for f in (*ONNX_FAULTS, *SOURCE_FAULTS, *RUNTIME_FAULTS)}


def write_results(results: Sequence[Result], path: Path) -> None:
    """One object a line, so that changes are seen line by line."""
    path.write_text("[\n" + ",\n".join(map(line_of, results)) + "\n]\n", encoding="utf-8")


def line_of(result: Result) -> str:
    """A result as JSON."""
    return json.dumps(_plain(result))


def _plain(result: Result) -> dict[str, object]:
    found = {f.name: getattr(result, f.name) for f in fields(result)}
    # A site in a block of many stages is known by the first of its nodes.
    found["paths"] = list(result.paths[:3])
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def read_results(path: Path) -> list[Result]:
    """The inverse of `write_results`, but for what that leaves out."""
    return [_result(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def read_log(path: Path) -> list[Result]:
    """What a run that was broken off has written, line by line."""
    if not path.is_file():
        return []
    return [_result(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _result(entry: dict[str, Any]) -> Result:
    lists = {name: tuple(entry.get(name, ())) for name in ("lines", "paths", "named")}
    return Result(**{"fault": "", "what": "", **entry, **lists})


def shown(result: Result) -> str:
    """One line on the screen."""
    marks = [
        "found" if result.is_detected else "",
        "placed" if result.is_detected and result.is_localised else "",
        "named" if result.is_named else "",
    ]
    start = f"{result.network:10} {result.backend:10} {result.fault or '(unchanged)':24}"
    return f"{start} {' '.join(f'{m:6}' for m in marks)} {problem(result)}".rstrip()


def problem(result: Result) -> str:
    """What is wrong with a result, in words; nothing if all is well."""
    if not result.is_right:
        return f"{result.how} {result.what}"
    if not result.fault:
        return ""
    if result.how == "refused" and any(f"`{path}`" in result.what for path in result.paths):
        return ""
    if result.how != "differs":
        return f"{result.how}: {result.what}"
    if not result.is_localised:
        wanted = f"line {result.lines[0]} ({result.paths[0]})" if result.lines else "the update"
        there = f"line {result.found} ({result.place})" if result.found else result.place
        return f"{there} is shown for {wanted}"
    if result.fault in CAUSES and not result.is_named:
        return f"named {', '.join(result.named) or 'nothing'}"
    return ""


def summary(results: Sequence[Result]) -> Iterator[str]:
    """What came out, in a few lines."""
    figures = _Figures(results)
    yield f"{len(figures.mutants)} mutants of {len({r.fault for r in figures.mutants})} faults"
    yield f"detected: {figures.detected}"
    yield f"localised: {figures.localised}"
    yield f"cause named: {figures.named}"
    yield f"false alarms: {figures.alarms}"
    for result in results:
        if problem(result):
            yield f"{result.fault or 'unchanged'}, {_where(result)}: {problem(result)}"


def _where(result: Result) -> str:
    return f"{result.network} in {BACKENDS[result.backend]}"


class _Figures:
    """The shares of some results that the page is about."""

    def __init__(self, results: Iterable[Result]) -> None:
        results = list(results)
        self.mutants = [r for r in results if r.fault]
        unchanged = [r for r in results if not r.fault]
        ran = [r for r in self.mutants if r.how == "differs"]
        known = [r for r in ran if r.fault in CAUSES]
        self.detected = _share(self.mutants, lambda r: r.is_detected)
        self.localised = _share(ran, lambda r: r.is_localised)
        self.named = _share(known, lambda r: r.is_localised and r.is_named)
        self.alarms = f"{sum(r.is_detected for r in unchanged)} of {len(unchanged)}"


def _share(results: Sequence[Result], holds: Callable[[Result], bool]) -> str:
    count = sum(map(holds, results))
    share = 100 * count / len(results) if results else 0
    return f"{count} of {len(results)} ({share:.1f} %)"


def page(results: Sequence[Result]) -> str:
    """The table as Markdown."""
    names = list(dict.fromkeys(r.network for r in results))
    lines = [
        "# Mutation testing of parity",
        "",
        "What a careful person gets wrong, or a framework does by default, put on purpose in the",
        f"generated files of {len(names)} networks (`tests/mutation/networks`): one at a time,",
        "each in every backend, at places of its own. Parity then compares the file with the",
        "reference, in float64 and over two training steps, and looks for the line of the `.res`",
        "file and for the cause. `make mutation` makes this page, and",
        "[the list of all mutants](../../tests/mutation/results.json).",
        "",
        "- *Detected*: something differs, or the file is refused, with the layer's path.",
        "- *Localised*, of those that run: the line that is shown first is the one that is wrong.",
        "  Of a fault in the optimizer or the loss, that it is there.",
        "- *Named*, of the faults that the catalogue of causes has: it is among the causes given,",
        "  all of which explain what is seen to the last digit.",
        "",
        "| | mutants | detected | localised | named | false alarms |",
        "|---|---|---|---|---|---|",
    ]
    for backend, title in (*BACKENDS.items(), ("", "all")):
        own = _Figures(r for r in results if backend in ("", r.backend))
        cells = (len(own.mutants), own.detected, own.localised, own.named, own.alarms)
        lines.append(f"| {title} | {' | '.join(map(str, cells))} |")
    missing = _missing(results)
    if missing:
        lines += ["", f"Not run: {', '.join(missing)}."]
    wrong = [r for r in results if problem(r)]
    if wrong:
        lines += ["", "## Not as wished", "", "| fault | where | |", "|---|---|---|"]
        lines += [f"| `{r.fault}` | {_where(r)} | {problem(r)} |" for r in wrong]
    lines += ["", "## Faults", "", "Detected, localised and named, of how many mutants.", ""]
    lines += _faults([r for r in results if r.fault])
    return "\n".join(lines) + "\n"


def _missing(results: Sequence[Result]) -> list[str]:
    """How many mutants of PyTorch's were not made in other frameworks that have source."""
    there = {b: {(r.network, r.fault) for r in results if r.backend == b} for b in BACKENDS}
    found = {b: len(there["torch"] - there[b]) for b in BACKENDS if b != "onnx"}
    return [f"{count} mutants in {BACKENDS[b]}" for b, count in found.items() if count]


def _faults(mutants: Sequence[Result]) -> Iterator[str]:
    """A row for each fault, a column for each backend."""
    yield f"| fault | | {' | '.join(BACKENDS.values())} |"
    yield f"|---|---|{'---|' * len(BACKENDS)}"
    for fault in dict.fromkeys(MEANINGS):
        own = [r for r in mutants if r.fault == fault]
        cells = []
        for backend in BACKENDS:
            there = [r for r in own if r.backend == backend]
            counts = [
                sum(r.is_detected for r in there),
                sum(r.is_detected and r.is_localised for r in there),
                *([sum(r.is_named for r in there)] if fault in CAUSES else []),
            ]
            cells.append(f"{'/'.join(map(str, counts))} of {len(there)}" if there else "")
        if own:
            yield f"| `{fault}` | {MEANINGS[fault]} | {' | '.join(cells)} |"
