"""One process of several: some steps of printed trainers, of which each process gets its share.

`python steps.py plan.json 2`, with the environment that a launcher makes.
"""

import importlib
import json
import sys
from functools import partial
from inspect import signature
from pathlib import Path

import numpy as np

from resdsl.codegen.backend import get_backend
from resdsl.codegen.group import Alone
from resdsl.codegen.runtime import Policy
from resdsl.training.data.pipeline import positions


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    backend, group = get_backend(plan["backend"]), None
    for case in plan["cases"]:
        folder = Path(case["folder"])
        sys.path.insert(0, str(folder))
        load = partial(importlib.import_module, case["script"])
        if group is None:
            # What the others are told of this process is told once.
            group = Alone() if sys.argv[2] == "1" else backend.load_group()()
            started = group.start(Policy("float64"), load, backend.load_runtime()())
        script = load()
        source = sys.modules[case["script"].removeprefix("train_")]
        sys.path.remove(str(folder))
        del sys.modules[script.__name__], sys.modules[source.__name__]
        model = backend.load_builder()(source, getattr(source, case["class"]), None)
        taken = signature(script.Trainer).parameters
        where = {name: value for name, value in started.where.items() if name in taken}
        trainer = script.Trainer(model, **where)
        trainer.load_state(dict(np.load(folder / "first.npz")))
        batches = np.load(folder / "batches.npz")
        shard = group.rank, group.count
        results = []
        for images, labels in zip(batches["images"], batches["labels"], strict=True):
            own = positions(len(labels), case["accumulate"], shard)
            results.append(trainer.train_step(images[own], labels[own], case["rate"]))
        classes = labels if labels.ndim == 1 else labels.argmax(1)
        classes[-1] = -1
        own = positions(len(classes), 1, shard)
        tested = trainer.evaluate(images[own], classes[own])
        np.savez(
            folder / f"after-{group.rank}.npz",
            **trainer.state(),
            loss=[float(loss) for loss, _ in results],
            correct=[int(correct) for _, correct in results],
            tested=[float(value) for value in tested],
        )


if __name__ == "__main__":
    main()
