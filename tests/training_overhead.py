"""What a step of training costs beside the step itself: data, progress, logs, checkpoints.

`make overhead` runs it; ResNet-20, 128 digits a batch, one thread. Each step is waited for, so that
all time outside of it is the harness's. Processor time tells what the thread that makes batches
takes from the step as well. Evaluations are left out: they are work that was asked for.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "support"))

from runs import ROOT, train

from resdsl.codegen.backend import get_backend
from resdsl.processes.channel import prepare
from resdsl.records import replace
from resdsl.training.checkpoints import Checkpoints, Facts
from resdsl.training.data.pipeline import Pipeline
from resdsl.training.data.sources import open_dataset
from resdsl.training.logs import Logs
from resdsl.training.loop import Loop
from resdsl.training.plan import Plan, read_plan
from resdsl.training.worker import build


class Timed:
    """A trainer whose steps are waited for."""

    def __init__(self, trainer: Any) -> None:
        self._trainer = trainer
        self.seconds = 0.0

    def train_step(self, images: Any, labels: Any, rate: float) -> tuple[float, float]:
        started = time.perf_counter()
        loss, correct = map(float, self._trainer.train_step(images, labels, rate))
        self.seconds += time.perf_counter() - started
        return loss, correct

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trainer, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--steps", type=int, default=44)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="resdsl-overhead-") as folder:
        target = f"{ROOT}/examples/resnet_cifar.res:resnet20"
        new = (target, "--backend", options.backend, "--threads", "1", "--stop-after", "1")
        train(*new, "-o", Path(folder) / "run")
        plan = read_plan(Path(folder) / "run" / options.backend / "plan.json")
        measure(
            replace(
                plan, folder=Path(folder) / "here", stop_after=options.steps, evaluate_every=10**9
            )
        )


def measure(plan: Plan) -> None:
    prepare(plan.policy.threads, plan.policy.device)
    backend = get_backend(plan.backend)
    backend.load_runtime()().apply(plan.policy)
    script, trainer = build(plan, backend)
    subject, recipe, steps = plan.subject, plan.recipe, plan.stop_after or 1
    dataset = open_dataset(recipe.data, subject.input_shape, subject.classes, recipe.seed)
    pipeline = Pipeline(dataset, recipe, subject.input_shape)
    with pipeline.batches(0, 3) as batches:
        for images, labels in batches:
            float(trainer.train_step(images, labels, 0.0)[0])
    used = time.process_time()
    for _ in range(steps):
        float(trainer.train_step(images, labels, 0.0)[0])
    alone = (time.process_time() - used) / steps

    plan.folder.mkdir()
    timed = Timed(trainer)
    loop = Loop(
        plan,
        timed,
        pipeline,
        script.learning_rate,
        Checkpoints(plan.folder / "checkpoints", plan.keep_last, subject),
        Logs(plan.folder, 0, 0),
        Facts(0, script.total_steps(pipeline.steps_per_epoch), plan.backend),
        lambda **message: print(json.dumps(message), file=sys.stderr),
        threading.Event(),
    )
    used, started = time.process_time(), time.perf_counter()
    loop.run()
    used, spent = time.process_time() - used, time.perf_counter() - started
    outside = (spent - timed.seconds) / spent
    print(f"{plan.backend}: a step alone takes {1e3 * alone:.1f} ms of the processor")
    print(f"in the loop: {1e3 * used / steps:.1f} ms ({used / steps / alone - 1:+.1%})")
    print(f"time outside of steps: {1e3 * (spent - timed.seconds) / steps:.1f} ms, {outside:.1%}")


if __name__ == "__main__":
    main()
