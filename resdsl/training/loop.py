"""The loop: batches in, steps done, and now and then a line, an evaluation and a checkpoint."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from resdsl.codegen.group import Group
from resdsl.codegen.runtime import Array
from resdsl.diagnostics import error
from resdsl.training.checkpoints import Best, Checkpoints, Facts, State
from resdsl.training.data.pipeline import Pipeline
from resdsl.training.logs import Logs, Unwritten
from resdsl.training.meter import Diverged, Meter
from resdsl.training.plan import Plan

#: Seconds between two words to the parent about the step.
TICK = 0.25


class Trainer(Protocol):
    """What a generated trainer script calls so. Results of steps are the framework's scalars."""

    step: int

    def train_step(self, images: Array, labels: Array, rate: float) -> tuple[Any, Any]:
        """One step: the mean loss, and the number of right answers."""

    def evaluate(self, images: Array, labels: Array) -> tuple[Any, Any]:
        """The sum of the losses and the number of right answers; a label of -1 is no sample."""

    def state(self) -> State:
        """Everything that the next step depends on, in canonical names and layouts."""

    def load_state(self, state: Mapping[str, Array]) -> None:
        """The inverse of `state`."""


class Clock:
    """Seconds of training, and of a lap, evaluation and checkpoints left out of the lap."""

    def __init__(self, before: float) -> None:
        self._start = time.perf_counter() - before
        self._lap = time.perf_counter()
        self._paused = 0.0

    def total(self) -> float:
        """Since the beginning, with the time before this process."""
        return time.perf_counter() - self._start

    def lap(self) -> float:
        """Since the last call, without pauses."""
        now = time.perf_counter()
        spent = now - self._lap - self._paused
        self._lap, self._paused = now, 0.0
        return max(spent, 1e-9)

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Time that counts for no lap."""
        begun = time.perf_counter()
        yield
        self._paused += time.perf_counter() - begun


class Loop:
    """One run, from the step of `facts` on.

    `say` tells the parent; `rate_of` is the script's `learning_rate`. The loop ends behind the last
    step, behind `stop_after`, or behind the step in which `stopping` is set. Processes of a `group`
    do the same steps, and speak of an end where a line is due, which they wait for anyway.
    """

    def __init__(
        self,
        plan: Plan,
        trainer: Trainer,
        pipeline: Pipeline,
        rate_of: Callable[[int, int], float],
        checkpoints: Checkpoints,
        logs: Logs | Unwritten,
        facts: Facts,
        say: Callable[..., None],
        stopping: threading.Event,
        group: Group,
    ) -> None:
        self._plan = plan
        self._trainer = trainer
        self._pipeline = pipeline
        self._rate_of = rate_of
        self._checkpoints = checkpoints
        self._logs = logs
        self._say = say
        self._stopping = stopping
        self._group = group
        self._step = facts.step
        self._saved = facts.step
        self._evaluated = facts.evaluated
        self._best = facts.best
        self._total = facts.total
        self._meter = Meter(facts.step, facts.meter)
        self._clock = Clock(facts.seconds)
        self._images = 0
        self._ticked = 0.0
        self._epoch = pipeline.steps_per_epoch
        self._log_every = plan.log_every
        self._evaluate_every = plan.evaluate_every or self._epoch
        self._checkpoint_every = plan.checkpoint_every or self._epoch

    def run(self) -> bool:
        """Train; whether the run is finished. Raises `CompileError` where it diverges."""
        try:
            return self._run()
        except Diverged as problem:
            raise self._diverged(problem) from None

    def _run(self) -> bool:
        end = min(self._total, self._plan.stop_after or self._total)
        if self._step:
            # A run that was stopped within an evaluation has its checkpoint without it.
            self._evaluate_if_due()
        if self._step < end and not self._group.any(self._stopping.is_set()):
            shard, workers = (self._group.rank, self._group.count), self._plan.data_workers
            with self._pipeline.batches(self._step, end, shard, workers) as batches:
                for images, labels in batches:
                    self._train(images, labels)
                    if self._is_asked_to_stop():
                        break
        if self._saved != self._step:
            self._save()
        return self._step == self._total and self._evaluated == self._step

    def _is_asked_to_stop(self) -> bool:
        if self._group.count > 1 and not self._is_due(self._log_every):
            return False
        return self._group.any(self._stopping.is_set())

    def _train(self, images: Array, labels: Array) -> None:
        rate = self._rate_of(self._step, self._epoch)
        loss, correct = self._trainer.train_step(images, labels, rate)
        self._meter.add(loss, correct, len(images) * self._group.count)
        self._images += len(images) * self._group.count
        self._step += 1
        if self._is_due(self._log_every):
            self._log(rate)
        elif time.perf_counter() - self._ticked > TICK:
            self._ticked = time.perf_counter()
            self._say(at=self._step)
        self._evaluate_if_due()
        if self._is_due(self._checkpoint_every):
            self._save()

    def _is_due(self, every: int) -> bool:
        return self._step % every == 0 or self._step == self._total

    def _log(self, rate: float) -> None:
        means = self._meter.take()
        self._write(
            event="train",
            loss=means.loss,
            accuracy=means.accuracy,
            rate=rate,
            images_per_second=round(self._images / self._clock.lap(), 1),
        )
        self._images = 0

    def _write(self, event: str, **values: Any) -> None:
        epoch = round(self._step / self._epoch, 4)
        seconds = round(self._clock.total(), 3)
        line = {"event": event, "step": self._step, "epoch": epoch, **values, "seconds": seconds}
        self._logs.write(line)
        self._say(log=line)

    # ---- evaluation ------------------------------------------------------------------------------

    def _evaluate_if_due(self) -> None:
        if self._is_due(self._evaluate_every) and self._evaluated != self._step:
            with self._clock.pause():
                self._evaluate()

    def _evaluate(self) -> None:
        losses, answers, samples = [], [], self._pipeline.test_samples
        self._say(phase="evaluating")
        shard, workers = (self._group.rank, self._group.count), self._plan.data_workers
        with self._pipeline.test_batches(None, shard, workers) as batches:
            for images, labels in batches:
                loss, correct = self._trainer.evaluate(images, labels)
                losses.append(loss)
                answers.append(correct)
                if self._group.count == 1 and self._stopping.is_set():
                    return  # It is done again when the run goes on.
        loss = sum(map(float, losses)) / samples
        if not math.isfinite(loss):
            raise Diverged(self._step, f"the test loss is {loss}")
        accuracy = sum(map(float, answers)) / samples
        self._evaluated = self._step
        self._write("test", loss=loss, accuracy=accuracy)
        if self._best is None or accuracy > self._best.accuracy:
            self._best = Best(self._step, accuracy)
            self._say(phase="writing a checkpoint")
            self._logs.sync()
            self._checkpoints.write_best(self._state(), self._facts())

    # ---- checkpoints -----------------------------------------------------------------------------

    def _save(self) -> None:
        with self._clock.pause():
            self._say(phase="writing a checkpoint")
            state = self._state()
            facts = self._facts()
            # First what leads up to it: behind a checkpoint nothing is written again.
            self._logs.sync()
            path = self._checkpoints.write(state, facts)
            self._saved = self._step
            self._say(saved=str(path), step=self._step)

    def _state(self) -> State:
        state = self._trainer.state()
        for name, array in state.items():
            if array.dtype.kind == "f" and not math.isfinite(array.sum()):
                # The sum is as finite as its parts, but for an overflow that is no better.
                raise Diverged(self._step, f"`{name}` has entries that are no finite numbers")
        return state

    def _facts(self) -> Facts:
        return Facts(
            step=self._step,
            total=self._total,
            backend=self._plan.backend,
            evaluated=self._evaluated,
            best=self._best,
            meter=self._meter.hold(),
            seconds=self._clock.total(),
        )

    def _diverged(self, problem: Diverged) -> Exception:
        rate = self._rate_of(max(0, problem.step - 1), self._epoch)
        last = self._checkpoints.last_path()
        kept = (
            "no checkpoint was written before"
            if last is None
            else f"the last checkpoint is `{last}`"
        )
        return error(
            "R0856",
            f"{self._plan.backend}: training has diverged at step {problem.step:,} of "
            f"{self._total:,}: {problem.what}",
            notes=[f"the learning rate of that step is {rate:g}", kept],
            help="a lower rate (`--set optimizer.lr=…`), a warm-up or `clip` keeps steps small; "
            "`bfloat16` and `tf32` are less exact than `float32`",
        )
