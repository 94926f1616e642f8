"""One backend's part of a comparison, in a process of its own: `python -m resdsl.parity.worker`.

Reads a plan, imports one framework, runs the network and writes a trace. Standard output carries
one JSON object a line, for the parent's progress display; what frameworks print goes to standard
error, of which the parent shows the end if this process fails.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.runtime import Network, Outcome, Unavailable
from resdsl.parity.plan import Plan, read_plan
from resdsl.parity.trace import TraceWriter

#: Exit status of a run that cannot be done here, after saying why.
REFUSED = 3


class Channel:
    """Tells the parent what is going on, and remembers how long it took."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._started = time.perf_counter()
        self._phase = ""
        self.seconds: dict[str, float] = {}

    def phase(self, name: str, **more: Any) -> None:
        """A new phase begins."""
        self._close()
        self._phase = name
        self.say(phase=name, **more)

    def say(self, **message: Any) -> None:
        self._stream.write(json.dumps(message) + "\n")
        self._stream.flush()

    def _close(self) -> None:
        now = time.perf_counter()
        if self._phase:
            spent = self.seconds.get(self._phase, 0.0) + now - self._started
            self.seconds[self._phase] = round(spent, 3)
        self._started = now


def own_output() -> TextIO:
    """Standard output for the parent alone; whoever else writes there reaches standard error."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return private


def prepare(plan: Plan) -> None:
    """What must be in the environment before any framework is imported."""
    os.environ["OMP_NUM_THREADS"] = str(plan.policy.threads)
    # Workers share a GPU: nobody takes all of its memory at once.
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    if plan.policy.device == "cpu":
        # Otherwise TensorFlow takes the memory of a GPU that it is not to use.
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


def main(arguments: list[str]) -> int:
    channel = Channel(own_output())
    plan = read_plan(Path(arguments[0]))
    prepare(plan)
    try:
        work(plan, channel)
    except Unavailable as refusal:
        channel.say(refused=refusal.message, help=refusal.help)
        return REFUSED
    return 0


def work(plan: Plan, channel: Channel) -> None:
    """Run the plan and write its trace."""
    backend = get_backend(plan.backend)
    channel.phase("importing")
    runtime = backend.load_runtime()()
    in_force = runtime.apply(plan.policy)
    writer = TraceWriter(plan.trace)
    channel.phase("building")
    network: Network = runtime.load(plan.source, plan.facts, plan.weights, plan.policy)
    first = plan.batch(0)
    channel.phase("eval forward")
    outputs = network.infer(first.inputs)
    writer.section("eval", lambda: outputs.items())
    if plan.steps:
        train(plan, backend, network, writer, channel)
    channel.phase("done")
    writer.finish(
        {
            "backend": plan.backend,
            "model": plan.facts.model,
            "policy": {**in_force, "versions": versions(backend, in_force)},
            "seconds": channel.seconds,
        }
    )


def train(
    plan: Plan, backend: Backend, network: Network, writer: TraceWriter, channel: Channel
) -> None:
    """Training steps, as many as the backend can do: all, or the forward pass of the first."""
    can_step = "steps" in backend.capabilities
    statistics, parameters = frozenset(plan.facts.statistics), frozenset(plan.facts.parameters)
    for step in range(plan.steps if can_step else 1):
        what = "compiling and step" if step == 0 else "step"
        channel.phase(what, step=step + 1, steps=plan.steps if can_step else 1)
        outcome = network.step(plan.batch(step), plan.update(step))
        write_step(step, outcome, writer)
        writer.section(f"statistics-{step + 1}", lambda: network.state(statistics))
    if can_step:
        channel.phase("eval forward")
        writer.section("parameters", lambda: network.state(parameters))
        outputs = network.infer(plan.batch(0).inputs)
        writer.section("after", lambda: outputs.items())


def write_step(step: int, outcome: Outcome, writer: TraceWriter) -> None:
    """What a step computed: all of it for the first, the loss for the others."""
    if step == 0:
        writer.section("train", lambda: outcome.outputs.items())
        if outcome.gradients is not None:
            writer.section("gradients", outcome.gradients)
    if outcome.loss is not None:
        loss = np.array(outcome.loss)
        writer.section(f"loss-{step + 1}", lambda: [("loss", loss)])


def versions(backend: Backend, in_force: dict[str, Any]) -> dict[str, str]:
    """Of everything that took part."""
    found = {"python": platform.python_version(), "numpy": np.__version__}
    for name in backend.requires:
        version = getattr(importlib.import_module(name), "__version__", None)
        if version is not None:
            found[name] = str(version)
    found.update(in_force.get("versions", {}))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
