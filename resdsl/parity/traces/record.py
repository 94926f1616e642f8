"""Runs one backend as a comparison would, and packs what it computed into one file."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from resdsl.diagnostics import CompileError, error
from resdsl.ir.graph import Graph
from resdsl.parity.facts import absorbed, facts_of
from resdsl.parity.inputs import load_network
from resdsl.parity.places import digest_of, places_of
from resdsl.parity.plan import Plan
from resdsl.parity.processes import Watch, run_workers
from resdsl.parity.session import Session, backends_of, ignore, work_folder
from resdsl.parity.settings import Settings
from resdsl.parity.trace import Trace
from resdsl.parity.traces.description import describe, sources_of
from resdsl.parity.traces.pack import digest_of_file, pack


def record(
    network: Graph | str,
    output: Path,
    settings: Settings,
    watch: Watch | None = None,
    *,
    moved: bool = False,
) -> None:
    """Run one network in the one backend of `settings` and write its trace to `output`.

    `moved` moves each input by one spacing of the precision, for the second yardstick.

    Raises `CompileError` where that cannot be done, or where the worker fails on the way.
    """
    graph = load_network(network) if isinstance(network, str) else network
    settings.check(least=1)
    if moved and settings.dtype == "float64":
        raise error(
            "R0601",
            "inputs are moved for a yardstick, and float64 has fixed limits",
            help="`--dtype float32 --moved`",
        )
    session = Session(graph, settings, backends_of(settings))
    session.check()
    with work_folder(settings.keep) as folder:
        (backend,) = settings.backends
        (plan,) = session.prepare(folder, [(backend, settings.dtype, moved)])
        (failure,) = run_workers([plan], folder, 1, watch or ignore).values()
        if failure is not None:
            raise CompileError([failure])
        pack(plan.trace, _description(session, plan), output)


def _description(session: Session, plan: Plan) -> dict[str, object]:
    graph, side = session.graph, Trace(plan.trace).side or {}
    places = places_of(graph)
    sources = sources_of(places)
    if graph.program is not None:
        sources[graph.program.source.name] = digest_of(graph.program.source)
    batches = [plan.batches / f"batch-{step}.safetensors" for step in range(max(1, plan.steps))]
    return describe(
        session.backends[plan.backend],
        facts_of(graph),
        places,
        absorbed(graph),
        subject={**session.subject(), "moved": plan.moved is not None},
        sources=sources,
        code={
            "sha256": hashlib.sha256(plan.source.read_bytes()).hexdigest(),
            "given": plan.backend in session.settings.sources,
        },
        digests={"weights": digest_of_file(plan.weights), "batches": digest_of_file(*batches)},
        policy=side["policy"],
        seconds=side["seconds"],
        notes=list(session.notes()),
        written=datetime.now(UTC).isoformat(timespec="seconds"),
    )
