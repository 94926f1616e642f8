"""Traces from anywhere, judged as `parity` judges: the first is the reference of the others."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resdsl.codegen.runtime import TensorFact, WeightFact
from resdsl.diagnostics import CompileError, Diagnostic, Severity, error
from resdsl.parity.compare import Subject
from resdsl.parity.judge import Judge, Run
from resdsl.parity.numerics import differences
from resdsl.parity.places import Places
from resdsl.parity.report import Report, Row
from resdsl.parity.traces.description import SHARED, Description, read_description
from resdsl.parity.traces.pack import PackedTrace


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One file: its trace, and what that says of itself."""

    path: Path
    trace: PackedTrace
    said: Description

    @property
    def kind(self) -> tuple[str, bool]:
        """Its precision. Each has yardsticks of its own."""
        return self.said.dtype, self.said.tf32

    def measures(self, reference: Exhibit) -> bool:
        """Whether its precision is measured by it."""
        return self.said.backend.name == reference.said.backend.name and self.kind[0] != "float64"

    @property
    def run(self) -> Run:
        """What the judge sees of it."""
        return Run(self.said.backend, self.said.dtype, self.trace, name=str(self.path))


def compare_traces(paths: Sequence[Path]) -> Report:
    """Compare files of traces, two or more, with the first of them.

    Raises `CompileError` where one is damaged or of something else than the others.
    """
    started = time.perf_counter()
    if len(paths) < 2:
        raise error("R0601", "a comparison needs two traces or more")
    if len({path.resolve() for path in paths}) < len(paths):
        raise error("R0601", "a trace is named twice")
    first, *others = exhibits = [_open(path) for path in paths]
    _check_subjects(first, others)
    if first.said.moved:
        raise error("R0622", f"the reference `{first.path}` is from moved inputs")
    if first.said.dtype != "float64" and any(e.kind != first.kind for e in others):
        raise error(
            "R0622",
            f"the reference `{first.path}` is {first.said.dtype}, and others are not",
            help="name a float64 trace first",
        )
    rows = _rows(first, others)
    return Report(
        model=first.said.facts.model,
        subject=_subject(exhibits),
        reference=f"{first.path}, {first.said.backend.name} {first.said.dtype}",
        rows=tuple(rows),
        seconds=time.perf_counter() - started,
        notes=tuple(_notes(first, others)),
        warnings=tuple(_warnings(first, others)),
    )


def _open(path: Path) -> Exhibit:
    trace = PackedTrace(path)
    return Exhibit(path, trace, read_description(trace))


def _rows(first: Exhibit, others: Sequence[Exhibit]) -> Iterator[Row]:
    """A row for each trace, those of one precision judged together."""
    said = first.said
    subject = Subject(said.facts, said.subject["batch"], said.subject["steps"], said.absorbed)
    places = _places([first, *others])
    reference = first.run
    kinds = list(dict.fromkeys(e.kind for e in others))
    for number, kind in enumerate(kinds):
        alike = [e for e in others if e.kind == kind]
        yardsticks = _yardsticks(first, alike)
        runs = {str(e.path): e.run for e in alike if e not in yardsticks}
        measures = [e.run for e in yardsticks]
        rows = Judge(places, subject, reference, measures).rows({"": reference, **runs})
        # The reference is the same each time.
        yield from rows if number == 0 else rows[1:]


def _yardsticks(first: Exhibit, alike: Sequence[Exhibit]) -> list[Exhibit]:
    """Of traces in one precision, those that the others are measured by: one as it is, which has a
    row of its own, and those from moved inputs."""
    (dtype, tf32), name = alike[0].kind, first.said.backend.name
    for exhibit in alike:
        if exhibit.said.moved and not exhibit.measures(first):
            raise error(
                "R0622",
                f"`{exhibit.path}` is from moved inputs, and {name} is what others are measured by",
            )
    if dtype == "float64":
        return []
    own = [exhibit for exhibit in alike if exhibit.measures(first)]
    plain = [exhibit for exhibit in own if not exhibit.said.moved]
    if not plain:
        precision = f"{dtype} with TF32" if tf32 else dtype
        raise error(
            "R0622",
            f"there is no {precision} trace of {name} to measure `{alike[0].path}` by",
            help=f"`resdsl trace … --backend {name} --dtype {dtype}{' --tf32' if tf32 else ''}` "
            "makes one, to be named too",
        )
    return [plain[0], *(exhibit for exhibit in own if exhibit.said.moved)]


def _notes(first: Exhibit, others: Sequence[Exhibit]) -> Iterator[str]:
    yield from first.said.notes
    for dtype, tf32 in dict.fromkeys(e.kind for e in others if e.said.dtype != "float64"):
        if not any(e.said.moved for e in others if e.kind == (dtype, tf32)):
            precision = f"{dtype} with TF32" if tf32 else dtype
            yield (
                f"the limits of {precision} come from one run of {first.said.backend.name}: a "
                "second one, from moved inputs (`resdsl trace --moved`), makes them surer"
            )


def _places(exhibits: Sequence[Exhibit]) -> Places:
    """Those of a trace whose text was found, if there is one: they show lines."""
    for exhibit in exhibits:
        if any(place.span is not None for place in exhibit.said.places.weights.values()):
            return exhibit.said.places
    return exhibits[0].said.places


def _check_subjects(first: Exhibit, others: Sequence[Exhibit]) -> None:
    found = []
    for other in others:
        different = [*_network(first.said, other.said), *_settings(first.said, other.said)]
        if different:
            found.append(
                Diagnostic(
                    "R0621",
                    f"`{first.path}` and `{other.path}` are traces of different things",
                    notes=tuple(different),
                    help="the network, its weights, the batches and the settings of the training "
                    "steps must be the same",
                )
            )
    if found:
        raise CompileError(found)


def _network(a: Description, b: Description) -> Iterator[str]:
    if a.facts.model != b.facts.model:
        yield f"model: {a.facts.model} and {b.facts.model}"
    for what, left, right in (
        ("outputs", _shapes(a.facts.outputs), _shapes(b.facts.outputs)),
        ("weights", _shapes(a.facts.weights), _shapes(b.facts.weights)),
        ("layers that draw masks", _shapes(a.facts.dropouts), _shapes(b.facts.dropouts)),
    ):
        if left != right:
            pairs = zip(left, right, strict=False)
            odd = next((f", the first `{x}` and `{y}`" for x, y in pairs if x != y), "")
            yield f"{what}: {len(left)} and {len(right)}{odd}"
    if a.facts.rates != b.facts.rates:
        yield "rates of the layers that draw masks"


def _shapes(facts: Sequence[TensorFact] | Sequence[WeightFact]) -> list[str]:
    return [f"{fact.name} {_shape(fact.shape)}" for fact in facts]


def _shape(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape)) or "()"


def _settings(a: Description, b: Description) -> Iterator[str]:
    same_seed = True
    for key in SHARED:
        if a.subject[key] != b.subject[key]:
            same_seed = same_seed and key not in ("seed", "images", "batch", "inputs", "steps")
            yield f"{key}: {_value(a.subject[key])} and {_value(b.subject[key])}"
    if a.digests["weights"] != b.digests["weights"] and same_seed:
        yield f"weights: {_weights(a)} and {_weights(b)}"
    if a.digests["batches"] != b.digests["batches"] and same_seed:
        yield f"batches: {a.digests['batches'][:12]} and {b.digests['batches'][:12]} (SHA-256)"


def _weights(said: Description) -> str:
    return f"{said.subject['weights']} ({said.digests['weights'][:12]})"


def _value(value: Any) -> str:
    match value:
        case dict():
            return ", ".join(f"{name} {_shape(shape)}" for name, shape in value.items())
        case list():
            return ", ".join(f"{number:.3g}" for number in value)
    return str(value)


def _warnings(first: Exhibit, others: Sequence[Exhibit]) -> Iterator[Diagnostic]:
    for other in others:
        found = differences(first.said.policy, other.said.policy)
        if first.said.tool != other.said.tool:
            found.append(f"tool: {first.said.tool} and {other.said.tool}")
        if found:
            yield Diagnostic(
                "R0623",
                f"`{first.path}` and `{other.path}` were computed under different policies",
                notes=tuple(found),
                severity=Severity.WARNING,
            )
        texts = _texts(first.said.sources, other.said.sources)
        if texts:
            yield Diagnostic(
                "R0624",
                f"`{first.path}` and `{other.path}` come from different texts",
                notes=tuple(texts),
                severity=Severity.WARNING,
            )


def _texts(left: Mapping[str, str], right: Mapping[str, str]) -> list[str]:
    """Texts whose digests one side has and the other has not, whatever they are called."""
    known = {*left.values()} & {*right.values()}
    names = [name for side in (left, right) for name, d in side.items() if d not in known]
    return [
        f"`{name}`: {left.get(name, 'none')[:12]} and {right.get(name, 'none')[:12]}"
        for name in dict.fromkeys(names)
    ]


def _subject(exhibits: Sequence[Exhibit]) -> dict[str, Any]:
    """What a report says was compared: the reference's, and the others' precision and devices."""
    dtypes = dict.fromkeys(e.said.dtype for e in exhibits)
    devices = dict.fromkeys(e.said.subject["device"] for e in exhibits)
    others = [dtype for dtype in dtypes if dtype != "float64"]
    return {
        **exhibits[0].said.subject,
        "dtype": others[0] if others else "float64",
        "device": " and ".join(devices),
        "tf32": any(e.said.tf32 for e in exhibits),
        "traces": [str(e.path) for e in exhibits],
    }
