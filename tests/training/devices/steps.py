"""One process of several: some steps of printed trainers, of which each process gets its share.

`python steps.py plan.json`, with the environment that a launcher makes.
"""

import importlib
import json
import os
import sys
from pathlib import Path

import numpy as np

from resdsl.codegen.backend import get_backend


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    backend = get_backend(plan["backend"])
    rank, processes = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    device = "cpu" if processes == 1 else ""
    for case in plan["cases"]:
        folder = Path(case["folder"])
        sys.path.insert(0, str(folder))
        script = importlib.import_module(case["script"])
        source = sys.modules[case["script"].removeprefix("train_")]
        sys.path.remove(str(folder))
        del sys.modules[script.__name__], sys.modules[source.__name__]
        if processes > 1:
            device = device or script.join_processes("cpu")
        model = backend.load_builder()(source, getattr(source, case["class"]), None)
        trainer = script.Trainer(model, device)
        trainer.load_state(dict(np.load(folder / "first.npz")))
        batches = np.load(folder / "batches.npz")
        results = []
        for images, labels in zip(batches["images"], batches["labels"], strict=True):
            own = images[rank::processes], labels[rank::processes]
            results.append(trainer.train_step(*own, case["rate"]))
        classes = labels if labels.ndim == 1 else labels.argmax(1)
        classes[-1] = -1
        tested = trainer.evaluate(images[rank::processes], classes[rank::processes])
        np.savez(
            folder / f"after-{rank}.npz",
            **trainer.state(),
            loss=[float(loss) for loss, _ in results],
            correct=[int(correct) for _, correct in results],
            tested=[float(value) for value in tested],
        )


if __name__ == "__main__":
    main()
