"""One backend's part of a run, in a process of its own: `python -m resdsl.training.worker`.

Reads a plan, imports one framework and the generated trainer script, and goes on from the newest
checkpoint in its folder, or begins. For a parent (`--watched`), standard output carries one JSON
object a line; it asks for an end by a line on standard input, and if it is gone, that is asked for
too. Without one, as `torchrun` or `srun` start it on several machines, the worker speaks to people.

Several processes may share every batch: all do the same steps, and the first of them writes.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.group import Alone, Group, Started
from resdsl.codegen.runtime import Array, Unavailable, import_file, model_class, versions_of
from resdsl.diagnostics import CompileError, Diagnostic, render_all
from resdsl.processes.channel import REFUSED, Channel, listen_for_stop, own_output, prepare
from resdsl.training.checkpoints import Checkpoint, Checkpoints, Facts, State, read_checkpoint
from resdsl.training.display import Lines
from resdsl.training.folder import locked
from resdsl.training.logs import Logs, Unwritten
from resdsl.training.loop import Loop, Trainer
from resdsl.training.messages import diagnostic_from_json, diagnostic_to_json
from resdsl.training.plan import WATCHED, Plan, read_plan
from resdsl.weights.store import read_weights


def main(arguments: list[str]) -> int:
    watched = WATCHED in arguments
    if watched:
        # Ctrl-C reaches the whole group of processes: the parent passes it on in its own way.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    path = Path(arguments[0]).resolve()
    channel = Channel(own_output()) if watched else Aloud(path.parent.name)
    stopping = listen_for_stop() if watched else threading.Event()
    for asked in (signal.SIGTERM,) if watched else (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stopping.set())
    plan = read_plan(path)
    prepare(plan.policy.threads, plan.policy.device)
    try:
        work(plan, channel, stopping)
    except Unavailable as refusal:
        found = Diagnostic("R0858", f"{plan.backend}: {refusal.message}", help=refusal.help)
        tell(channel, [found])
        return REFUSED
    except CompileError as problem:
        tell(channel, problem.diagnostics)
        return REFUSED
    return 0


class Aloud(Channel):
    """Tells people, on standard error; `name` is that of the backend."""

    def __init__(self, name: str) -> None:
        super().__init__(sys.stderr)
        self._name = name
        self._lines = Lines()

    def say(self, **message: Any) -> None:
        if "diagnostic" in message:
            found = diagnostic_from_json(message["diagnostic"])
            sys.stderr.write(render_all([found]) + "\n")
        elif not self.is_silent:
            self._lines.watch(self._name, message)


def tell(channel: Channel, diagnostics: Iterable[Diagnostic]) -> None:
    """Diagnostics, for the parent to show."""
    for diagnostic in diagnostics:
        channel.say(diagnostic=diagnostic_to_json(diagnostic))


def work(plan: Plan, channel: Channel, stopping: threading.Event) -> None:
    """Meet the other processes, if there are some, and carry out the plan."""
    channel.phase("importing")
    backend = get_backend(plan.backend)
    runtime = backend.load_runtime()()
    group: Group = backend.load_group()() if plan.distributed else Alone()
    started = group.start(plan.policy, partial(load_script, plan), runtime)
    channel.is_silent = group.rank > 0
    waiting = partial(channel.phase, "waiting for another process")
    with locked(plan.folder, waiting) if group.rank == 0 else nullcontext():
        group.any(False)  # Nobody reads a checkpoint while another run may still write one.
        train(plan, channel, stopping, group, started)
    group.leave()


def train(
    plan: Plan, channel: Channel, stopping: threading.Event, group: Group, started: Started
) -> None:
    """Carry out the plan, with the folder for this run alone."""
    is_first = group.rank == 0
    checkpoints = Checkpoints(plan.folder / "checkpoints", plan.keep_last, plan.subject, is_first)
    checkpoint, warnings = checkpoints.latest()
    tell(channel, warnings if is_first else [])
    if checkpoint is None and plan.start is not None:
        checkpoint = read_checkpoint(plan.start, plan.subject)
    channel.phase("building")
    backend = get_backend(plan.backend)
    trainer = build(plan, backend, started)
    channel.phase("reading data")
    # Late: Grain is not to be imported before a framework has set its threads.
    from resdsl.training.data.pipeline import Pipeline
    from resdsl.training.data.sources import open_dataset

    subject, recipe = plan.subject, plan.recipe
    dataset = open_dataset(recipe.data, subject.input_shape, subject.classes, recipe.seed)
    pipeline = Pipeline(dataset, recipe, subject.input_shape)
    total = started.script.total_steps(pipeline.steps_per_epoch)
    facts = begin(plan, trainer, checkpoint, total)
    logs = Logs(plan.folder, facts.step, facts.evaluated) if is_first else Unwritten()
    channel.phase("training", step=facts.step, steps=total, epoch=pipeline.steps_per_epoch)
    logs.write(
        {
            "event": "start",
            "step": facts.step,
            "steps": total,
            "steps_per_epoch": pipeline.steps_per_epoch,
            "devices": group.count,
            "data": dataset.description,
            "time": datetime.now().astimezone().isoformat(timespec="seconds"),
            "policy": {
                **started.in_force,
                "versions": versions_of(backend.requires, started.in_force),
            },
        }
    )
    loop = Loop(
        plan,
        trainer,
        pipeline,
        started.script.learning_rate,
        checkpoints,
        logs,
        facts,
        channel.say,
        stopping,
        group,
    )
    finished = loop.run()
    how = "finished" if finished else "stopped"
    logs.write({"event": how, "step": trainer.step})
    logs.sync()
    logs.close()
    channel.phase(how)


def load_script(plan: Plan) -> ModuleType:
    """The trainer script as a module."""
    # It imports the model by name, which may be that of another module on the path: this one first.
    import_file(plan.source, plan.source.stem)
    return import_file(plan.trainer, plan.trainer.stem)


def build(
    plan: Plan,
    backend: Backend,
    started: Started,
    change: Callable[[Any, ModuleType], None] | None = None,
) -> Trainer:
    """The script's trainer round a new model; `change` sees it first, with its module."""
    source = sys.modules[plan.source.stem]
    make = backend.load_builder()
    model = make(source, model_class(source, plan.subject.class_name), None)
    if change is not None:
        change(model, source)
    options = {**started.where, "compile": plan.compile}
    # JAX has neither device nor compile: it always compiles, and the policy chose its device.
    taken = signature(started.script.Trainer).parameters
    chosen = {name: value for name, value in options.items() if name in taken}
    trainer: Trainer = started.script.Trainer(model, **chosen)
    return trainer


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
