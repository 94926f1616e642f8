"""The probed part of a worker's run: one eval forward and one training step, watched."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from resdsl.codegen.probes import ProbedNetwork, Watch
from resdsl.codegen.runtime import Arrays
from resdsl.parity.plan import Plan, Probing
from resdsl.parity.probes.streams import array_stream, zeros
from resdsl.parity.trace import PROBES, Trace, write_section
from resdsl.processes.channel import Channel

#: What a mode writes: values in eval, values in training, gradients by values.
SECTIONS = {
    "record": ("values", "values-train", "gradients-values"),
    "force": ("forced", "forced-train", "forced-gradients-values"),
}


def probed(plan: Plan, probing: Probing, runtime: Any, channel: Channel) -> None:
    """Run the probed file in every mode that is asked for, and write the sections."""
    for mode in probing.modes:
        channel.phase(
            "building, with probes" if mode == "record" else "building, with forced values"
        )
        # Made anew: a training step has moved the statistics.
        network: ProbedNetwork = runtime.load_probed(
            probing.source, plan.facts, plan.weights, plan.policy
        )
        _Pass(plan, probing, network, mode).run(channel)
        seen = {"complete": network.complete, "names": probing.names, "modes": probing.modes}
        (plan.trace / PROBES).write_text(json.dumps(seen, indent=1), encoding="utf-8")
    channel.phase("done")


class _Pass:
    """One mode of one network."""

    def __init__(self, plan: Plan, probing: Probing, network: ProbedNetwork, mode: str) -> None:
        self._plan = plan
        self._network = network
        self._is_forced = mode == "force"
        self._names = frozenset(probing.names)
        self._sections = dict(zip(SECTIONS["record"], SECTIONS[mode], strict=True))
        self._reference = Trace(probing.reference) if probing.reference is not None else None

    def run(self, channel: Channel) -> None:
        """The eval forward, and a step where the plan trains."""
        channel.phase("eval forward, watched")
        with array_stream(self._file("values"), self._names) as values:
            inputs = self._plan.batch(0).inputs
            watch = Watch(self._names, values.put, forced=self._given("values"))
            self._network.watched_infer(inputs, watch)
        if self._plan.steps:
            channel.phase("step, watched", step=1, steps=1)
            self._step()

    def _step(self) -> None:
        plan = self._plan
        with ExitStack() as open_files:
            values, gradients = (
                open_files.enter_context(array_stream(self._file(name), self._names))
                for name in ("values-train", "gradients-values")
            )
            outcome = self._network.watched_step(
                plan.batch(0),
                Watch(
                    self._names,
                    values.put,
                    gradients.put,
                    self._given("values-train"),
                    self._given("gradients-values"),
                ),
            )
            if outcome.gradients is not None:
                # What the loss does not depend on gets no gradient at all.
                shapes = {v.name: (plan.batch_size, *v.shape) for v in plan.facts.values}
                for name in sorted(values.names - gradients.names):
                    gradients.put(name, zeros(shapes[name], np.dtype(plan.policy.dtype)))
        if self._is_forced:
            statistics = frozenset(plan.facts.statistics)
            if outcome.gradients is not None:
                write_section(plan.trace, "forced-gradients", outcome.gradients)
            write_section(plan.trace, "forced-statistics", lambda: self._network.state(statistics))

    def _file(self, section: str) -> Path:
        return self._plan.trace / f"{self._sections[section]}.safetensors"

    def _given(self, section: str) -> Arrays:
        """What the network goes on with: the reference's, in a forced pass."""
        if not self._is_forced or self._reference is None:
            return {}
        return self._reference.section(section) or {}
