"""One run of a trajectory, in a process of its own: `python -m resdsl.parity.trajectory.worker`.

Runs the generated trainer as `resdsl train` does, on the batches of the recipe's pipeline, and
hands over the loss and the whole state after every step.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.group import Alone
from resdsl.codegen.runtime import Facts, Unavailable
from resdsl.diagnostics import CompileError
from resdsl.parity.perturb import moved
from resdsl.parity.trajectory.masks import Masks
from resdsl.parity.trajectory.orders import AHEAD, Orders, read_orders, unread, write_step
from resdsl.processes.channel import REFUSED, Channel, listen_for_stop, own_output, prepare
from resdsl.training.plan import Plan, read_plan
from resdsl.training.worker import build, load_script, started, tell
from resdsl.weights.store import read_weights

#: Seconds between two looks at whether the parent has read on.
LOOK = 0.005


def main(arguments: list[str]) -> int:
    # Ctrl-C reaches the whole group of processes: the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Channel(own_output())
    stopping = listen_for_stop()
    orders = read_orders(Path(arguments[0]))
    plan = read_plan(orders.plan)
    prepare(plan.policy.threads, plan.policy.device)
    try:
        work(orders, plan, channel, stopping)
    except Unavailable as refusal:
        channel.say(refused=refusal.message, help=refusal.help)
        return REFUSED
    except CompileError as problem:
        tell(channel, problem.diagnostics)
        return REFUSED
    return 0


def work(orders: Orders, plan: Plan, channel: Channel, stopping: threading.Event) -> None:
    """Carry out the orders."""
    channel.phase("importing")
    backend = get_backend(plan.backend)
    runtime = backend.load_runtime()()
    alone = Alone().start(plan.policy, partial(load_script, plan), runtime)
    channel.phase("building")
    masks = Masks(orders.facts, plan.recipe.seed)
    trainer = build(plan, backend, alone, partial(give_masks, backend, orders.facts, masks))
    channel.phase("reading data")
    # Late: Grain is not to be imported before a framework has set its threads.
    from resdsl.training.data.pipeline import Pipeline
    from resdsl.training.data.sources import open_dataset

    subject, recipe = plan.subject, plan.recipe
    dataset = open_dataset(recipe.data, subject.input_shape, subject.classes, recipe.seed)
    pipeline = Pipeline(dataset, recipe, subject.input_shape)
    trainer.load_state(started(trainer.state(), read_weights(plan.weights), plan))
    channel.phase("training")
    for step in range(orders.steps):
        images, labels = pipeline.batch(step)
        masks.begin(step)
        if orders.moved:
            images = moved(images, recipe.precision, recipe.seed, step)
        rate = alone.script.learning_rate(step, pipeline.steps_per_epoch)
        loss, _ = trainer.train_step(images, labels, rate)
        write_step(orders.folder, step + 1, float(loss), trainer.state())
        channel.say(at=step + 1)
        while unread(orders.folder) >= AHEAD and not stopping.is_set():
            time.sleep(LOOK)
        if stopping.is_set():
            return


def give_masks(
    backend: Backend, facts: Facts, masks: Masks, model: Any, module: ModuleType
) -> None:
    """Let the model's dropouts take these masks, if it has any."""
    if not facts.dropouts:
        return
    if not backend.masks:
        raise Unavailable(
            f"{backend.title} draws its own masks, and takes none",
            "set the rate of dropout to 0, or leave it out with `--backends`",
        )
    backend.load_masks()(model, module, facts, masks)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
