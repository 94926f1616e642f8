"""Runs the workers of a comparison, and says what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from resdsl.diagnostics import Diagnostic
from resdsl.parity.plan import Plan, write_plan
from resdsl.processes.pool import Ending, Job, Message, Pool


@dataclass(frozen=True, slots=True)
class Progress:
    """A run entered a phase; `step` of `steps` where it is training."""

    run: str
    phase: str
    step: int | None = None
    steps: int | None = None


Watch = Callable[[Progress], None]


def run_workers(
    plans: Sequence[Plan],
    folder: Path,
    workers: int,
    watch: Watch,
    module: str = "resdsl.parity.worker",
) -> dict[str, Diagnostic | None]:
    """Run all plans; for each run, by name, why it failed or `None`.

    One failure does not stop the others: what they computed is still worth comparing. `module` is
    what a worker runs.
    """
    refusals: dict[str, Message] = {}

    def hear(name: str, message: Message) -> None:
        if "refused" in message:
            refusals[name] = message
        elif "ended" in message:
            watch(Progress(name, "failed" if message["ended"] else "done"))
        elif message["phase"] != "done":
            watch(Progress(name, message["phase"], message.get("step"), message.get("steps")))

    jobs = []
    for plan in plans:
        path = folder / f"{plan.name}.json"
        write_plan(plan, path)
        jobs.append(Job(plan.name, module, path))
    with Pool(jobs, workers, hear) as pool:
        endings = pool.join()
    return {p.name: _failure(p, endings[p.name], refusals.get(p.name)) for p in plans}


def _failure(plan: Plan, ending: Ending, refusal: Message | None) -> Diagnostic | None:
    if refusal is not None:
        if "code" in refusal:
            code, notes = refusal["code"], tuple(refusal["notes"])
            return Diagnostic(code, refusal["refused"], notes=notes, help=refusal["help"])
        return Diagnostic("R0603", f"{plan.backend}: {refusal['refused']}", help=refusal["help"])
    if ending.status == 0:
        return None
    help = "signal 9 mostly means that memory ran out: try `--batch 1`, a smaller `--input`, "
    return Diagnostic(
        "R0604",
        f"the {plan.backend} worker {ending.how}",
        notes=ending.tail,
        help=help + "or `--workers 1`" if ending.status == -9 else None,
    )
