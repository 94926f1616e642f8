"""The probed part of a worker's run: one eval forward and one training step, watched."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from resdsl.codegen.backend import get_backend
from resdsl.codegen.probes import ProbedNetwork, Watch
from resdsl.codegen.runtime import Arrays
from resdsl.parity.plan import Plan, Probing
from resdsl.parity.probes.streams import ArrayStream, array_stream, zeros
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
        with self._stream("values") as values:
            inputs = self._plan.batch(0).inputs
            watch = Watch(self._names, values.put, forced=self._given("values"))
            self._network.watched_infer(inputs, watch)
        if self._plan.steps:
            channel.phase("step, watched", step=1, steps=1)
            self._step()

    def _step(self) -> None:
        plan = self._plan
        with ExitStack() as open_files:
            values = open_files.enter_context(self._stream("values-train"))
            gradients = None
            if "gradients" in get_backend(plan.backend).capabilities:
                gradients = open_files.enter_context(self._stream("gradients-values"))
            outcome = self._network.watched_step(
                plan.batch(0),
                Watch(
                    self._names,
                    values.put,
                    None if gradients is None else gradients.put,
                    self._given("values-train"),
                    self._given("gradients-values"),
                ),
            )
            if gradients is not None:
                # What the loss does not depend on gets no gradient at all.
                shapes = {v.name: (plan.batch_size, *v.shape) for v in plan.facts.values}
                for name in sorted(values.names - gradients.names):
                    gradients.put(name, zeros(shapes[name], values.dtype(name)))
        if self._is_forced:
            statistics = frozenset(plan.facts.statistics)
            if outcome.gradients is not None:
                write_section(plan.trace, "forced-gradients", outcome.gradients)
            write_section(plan.trace, "forced-statistics", lambda: self._network.state(statistics))

    def _stream(self, section: str) -> AbstractContextManager[ArrayStream]:
        path = self._plan.trace / f"{self._sections[section]}.safetensors"
        return array_stream(path, self._names)

    def _given(self, section: str) -> Arrays:
        """What the network goes on with: the reference's, in a forced pass."""
        if not self._is_forced or self._reference is None:
            return {}
        return self._reference.section(section) or {}
