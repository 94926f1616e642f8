"""The parent's side: starts the user's module's run behind the others, and says what is whose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from resdsl.codegen.foreign import Located
from resdsl.diagnostics import CompileError, Diagnostic, Label
from resdsl.parity.plan import Plan, run_name
from resdsl.parity.processes import Watch, run_workers
from resdsl.parity.reference.plan import (
    FOUND,
    NAME,
    Found,
    ReferencePlan,
    read_found,
    write_reference,
)
from resdsl.parity.reference.target import Reference
from resdsl.parity.report import Divergence, Report, Row
from resdsl.records import replace
from resdsl.weights.description import describe
from resdsl.weights.name_maps import read_names, write_names

if TYPE_CHECKING:
    from resdsl.ir.graph import Graph

WORKER = "resdsl.parity.reference.worker"


def run_reference(
    graph: Graph,
    wanted: Reference,
    bases: tuple[Plan, Plan],
    failed: Diagnostic | None,
    folder: Path,
    watch: Watch,
) -> tuple[Plan, Diagnostic | None]:
    """Run the user's module; returns its plan, and why it failed if it did.

    `bases` are the plans of the run that everything is compared with and of the same backend in
    this comparison's precision; `failed` says why the first of them did. Its output confirms the
    map of names. Raises `CompileError` where no comparison is possible.
    """
    expected, base = bases
    home = folder / run_name(NAME, base.policy.dtype)
    home.mkdir(exist_ok=True)
    source = home / "reference.json"
    plan = replace(base, backend=NAME, source=source, trace=home / "trace", probing=None)
    if failed is not None:
        message = f"your module was not run: {expected.name}, which it is compared with, failed"
        return plan, Diagnostic("R0604", message)
    names = None if wanted.names is None else read_names(wanted.names)
    write_reference(
        ReferencePlan(
            wanted, names, describe(graph), expected.trace, expected.source, expected.backend
        ),
        source,
    )
    (home / FOUND).unlink(missing_ok=True)
    failure = run_workers([plan], folder, 1, watch, WORKER)[plan.name]
    found = read_found(home / FOUND)
    if found is not None and wanted.write_names is not None:
        write_names(wanted.write_names, found.names)
    if failure is not None and failure.code != "R0604":
        raise CompileError([failure])
    return plan, failure


def explained(report: Report, graph: Graph, plan: Plan) -> Report:
    """The report, with what differs in the user's module under the user's names too."""
    found = read_found(plan.source.with_name(FOUND))
    if found is None:
        return report
    rows = [_row(row, graph, found) if row.backend == NAME else row for row in report.rows]
    return replace(report, rows=tuple(rows), notes=(*report.notes, _note(report, found)))


def _note(report: Report, found: Found) -> str:
    ways = {
        "names": "have the network's names",
        "dataflow": "are matched by dataflow",
        "order": "are matched by their order",
        "file": "are matched by your map",
    }
    module = next(r.policy.get("module", "your module") for r in report.rows if r.backend == NAME)
    return (
        f"`{NAME}` is {module} in {found.framework}: its {len(found.names)} weights "
        f"{ways[found.how]}"
    )


def _row(row: Row, graph: Graph, found: Found) -> Row:
    if row.first is None or row.first.diagnostic is None:
        return row
    first, diagnostic = row.first, row.first.diagnostic
    if found.located is not None:
        first, diagnostic = _at(graph, found.located, first, diagnostic)
    notes = (*diagnostic.notes, *_places(first, found))
    return replace(row, first=replace(first, diagnostic=replace(diagnostic, notes=notes)))


def _at(
    graph: Graph, located: Located, first: Divergence, diagnostic: Diagnostic
) -> tuple[Divergence, Diagnostic]:
    """With the place of the layer in which they part, where it is known: a statistic that differs
    may be behind it."""
    origin = next(node.origin for node in graph.nodes if node.path == located.ours)
    frames = [] if origin.frame is None else list(origin.frame.chain())
    calls = tuple(f"`{frame.text}` at {frame.span}" for frame in frames)
    what = "what goes into it differs" if located.inherited else "the first layer that differs"
    label = Label(origin.span, f"`{located.ours}`: {what}")
    notes = tuple(f"in {call}" for call in calls)
    return (
        replace(first, place=str(origin.span), calls=calls),
        replace(diagnostic, primary=label, notes=notes),
    )


def _places(first: Divergence, found: Found) -> Iterator[str]:
    located = found.located
    if located is not None:
        layer = f"the {found.kinds[located.theirs]} `{located.theirs}`"
        if located.inherited:
            yield (
                f"in your module: what goes into {layer} is {located.before:.1e} away, and every "
                "layer before it agrees"
            )
        else:
            yield (
                f"in your module: {layer} has the right input, and its output is "
                f"{located.after:.1e} away"
            )
        return
    for name, ours in found.names.items():
        if ours == first.name:
            layer = found.layers[name]
            yield f"in your module: `{name}`, of the {found.kinds[layer]} `{layer}`"
