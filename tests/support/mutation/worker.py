"""One framework's process, which runs one plan after another: `python -m mutation.worker BACKEND`.

A framework is imported once for all mutants. Orders come as one JSON object a line: the plan's
file, and the fault of the runtime that is to be in force, if any. Answers go back likewise.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

from resdsl.codegen.runtime import Unavailable
from resdsl.parity.plan import Plan, read_plan
from resdsl.parity.worker import work
from resdsl.processes.channel import Channel, own_output, prepare


def main(backend: str) -> int:
    answers = own_output()
    prepare(1, "cpu")
    run_eagerly(backend)
    for line in sys.stdin:
        order = json.loads(line)
        answer = carry_out(read_plan(Path(order["plan"])), order["fault"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        tidy(backend)
    return 0


def run_eagerly(backend: str) -> None:
    """Operation by operation: what is compiled for one mutant serves the next."""
    if backend == "jax":
        os.environ["JAX_DISABLE_JIT"] = "1"
    elif backend == "tensorflow":
        runtime = import_module("resdsl.backends.tensorflow.runtime")
        runtime.tf = _EagerSteps(runtime.tf)


class _EagerSteps:
    """TensorFlow, except that a step is no graph. What Keras compiles itself, it still does: some
    gradients exist in that form alone."""

    def __init__(self, tensorflow: Any) -> None:
        self._tensorflow = tensorflow

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tensorflow, name)

    def function(self, step: Any) -> Any:
        return step


def carry_out(plan: Plan, runtime_fault: str | None) -> dict[str, Any]:
    """Run a plan; a failure is an answer."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        try:
            with _fault(plan.backend, runtime_fault):
                work(plan, Channel(nowhere))
        except Unavailable as refusal:
            return {"refused": refusal.message}
        except Exception as problem:
            traceback.print_exc()
            return {"failed": f"{type(problem).__name__}: {problem}"}
    return {}


def _fault(backend: str, name: str | None) -> Any:
    if name is None:
        return nullcontext()
    return import_module("mutation.runtime_faults").in_force(backend, name)


def tidy(backend: str) -> None:
    """Forget what was compiled for the last plan."""
    if backend == "tensorflow":
        import_module("keras").backend.clear_session()
    gc.collect()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
