"""One backend's part of a comparison, in a process of its own: `python -m resdsl.parity.worker`.

Reads a plan, imports one framework, runs the network and writes a trace. Standard output carries
one JSON object a line, for the parent's progress display; what frameworks print goes to standard
error, of which the parent shows the end if this process fails.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.runtime import Network, Outcome, Runtime, Unavailable, versions_of
from resdsl.parity.plan import Plan, read_plan
from resdsl.parity.trace import TraceWriter
from resdsl.processes.channel import REFUSED, Channel, own_output, prepare


def main(arguments: list[str]) -> int:
    channel = Channel(own_output())
    plan = read_plan(Path(arguments[0]))
    prepare(plan.policy.threads, plan.policy.device)
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
    if plan.is_plain:
        plain(plan, backend, runtime, in_force, channel)
    if plan.probing is not None:
        from resdsl.parity.probes.work import probed

        probed(plan, plan.probing, runtime, channel)


def plain(
    plan: Plan, backend: Backend, runtime: Runtime, in_force: dict[str, Any], channel: Channel
) -> None:
    """The network as users run it: eval, training, and eval again."""
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
            "policy": {**in_force, "versions": versions_of(backend.requires, in_force)},
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
