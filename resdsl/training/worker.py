"""One backend's part of a run, in a process of its own: `python -m resdsl.training.worker`.

Reads a plan, imports one framework and the generated trainer script, and goes on from the newest
checkpoint in its folder, or begins. Standard output carries one JSON object a line for the parent.
The parent asks for an end by a line on standard input; if it is gone, that is asked for too.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.runtime import Array, Unavailable, import_file, model_class, versions_of
from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.processes.channel import REFUSED, Channel, listen_for_stop, own_output, prepare
from resdsl.training.checkpoints import Checkpoint, Checkpoints, Facts, State, read_checkpoint
from resdsl.training.folder import locked
from resdsl.training.logs import Logs
from resdsl.training.loop import Loop, Trainer
from resdsl.training.messages import diagnostic_to_json
from resdsl.training.plan import Plan, read_plan
from resdsl.weights.store import read_weights


def main(arguments: list[str]) -> int:
    # Ctrl-C reaches the whole group of processes: the parent passes it on in its own way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Channel(own_output())
    stopping = listen_for_stop()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    plan = read_plan(Path(arguments[0]))
    prepare(plan.policy.threads, plan.policy.device)
    try:
        with locked(plan.folder, lambda: channel.phase("waiting for another process")):
            work(plan, channel, stopping)
    except Unavailable as refusal:
        found = Diagnostic("R0858", f"{plan.backend}: {refusal.message}", help=refusal.help)
        tell(channel, [found])
        return REFUSED
    except CompileError as problem:
        tell(channel, problem.diagnostics)
        return REFUSED
    return 0


def tell(channel: Channel, diagnostics: Iterable[Diagnostic]) -> None:
    """Diagnostics, for the parent to show."""
    for diagnostic in diagnostics:
        channel.say(diagnostic=diagnostic_to_json(diagnostic))


def work(plan: Plan, channel: Channel, stopping: threading.Event) -> None:
    """Carry out the plan."""
    checkpoints = Checkpoints(plan.folder / "checkpoints", plan.keep_last, plan.subject)
    checkpoint, warnings = checkpoints.latest()
    tell(channel, warnings)
    if checkpoint is None and plan.start is not None:
        checkpoint = read_checkpoint(plan.start, plan.subject)
    channel.phase("importing")
    backend = get_backend(plan.backend)
    in_force = backend.load_runtime()().apply(plan.policy)
    channel.phase("building")
    script, trainer = build(plan, backend)
    channel.phase("reading data")
    # Late: Grain is not to be imported before a framework has set its threads.
    from resdsl.training.data.pipeline import Pipeline
    from resdsl.training.data.sources import open_dataset

    subject, recipe = plan.subject, plan.recipe
    dataset = open_dataset(recipe.data, subject.input_shape, subject.classes, recipe.seed)
    pipeline = Pipeline(dataset, recipe, subject.input_shape)
    total = script.total_steps(pipeline.steps_per_epoch)
    facts = begin(plan, trainer, checkpoint, total)
    logs = Logs(plan.folder, facts.step, facts.evaluated)
    channel.phase("training", step=facts.step, steps=total, epoch=pipeline.steps_per_epoch)
    logs.write(
        {
            "event": "start",
            "step": facts.step,
            "steps": total,
            "steps_per_epoch": pipeline.steps_per_epoch,
            "data": dataset.description,
            "time": datetime.now().astimezone().isoformat(timespec="seconds"),
            "policy": {**in_force, "versions": versions_of(backend.requires, in_force)},
        }
    )
    loop = Loop(
        plan,
        trainer,
        pipeline,
        script.learning_rate,
        checkpoints,
        logs,
        facts,
        channel.say,
        stopping,
    )
    finished = loop.run()
    how = "finished" if finished else "stopped"
    logs.write({"event": how, "step": trainer.step})
    logs.sync()
    logs.close()
    channel.phase(how)


def build(plan: Plan, backend: Backend) -> tuple[ModuleType, Trainer]:
    """The trainer script as a module, and its trainer round a new model."""
    # At the end: nothing in that folder takes the place of a package.
    sys.path.append(str(plan.trainer.parent))
    script = import_file(plan.trainer, plan.trainer.stem)
    source = sys.modules[plan.source.stem]
    make = backend.load_builder()
    model = make(source, model_class(source, plan.subject.class_name), None)
    options = {"device": plan.policy.device, "compile": plan.compile}
    # JAX has neither: it always compiles, and its device was chosen by the policy.
    taken = signature(script.Trainer).parameters
    trainer: Trainer = script.Trainer(model, **{k: v for k, v in options.items() if k in taken})
    return script, trainer


def begin(plan: Plan, trainer: Trainer, checkpoint: Checkpoint | None, total: int) -> Facts:
    """Give the trainer the state to go on from; returns where that is."""
    if checkpoint is None:
        trainer.load_state(started(trainer.state(), read_weights(plan.weights), plan))
        return Facts(0, total, plan.backend)
    trainer.load_state(checkpoint.state)
    return checkpoint.facts


def started(state: State, weights: Mapping[str, Array], plan: Plan) -> State:
    """A new trainer's state with the run's first weights, which an average starts from too."""
    held = {name.partition("/")[2] for name in state if name.startswith("weights/")}
    if held != weights.keys():
        differing = ", ".join(sorted(held ^ weights.keys())[:3])
        raise Unavailable(f"{plan.trainer.name} does not have the model's weights: {differing}")
    return {name: _first(name, array, weights) for name, array in state.items()}


def _first(name: str, array: Any, weights: Mapping[str, Array]) -> Array:
    kind, _, weight = name.partition("/")
    if kind not in ("weights", "average"):
        return array  # type: ignore[no-any-return]
    return weights[weight].astype(array.dtype).reshape(array.shape)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
