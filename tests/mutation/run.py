"""Mutation testing of parity: `make mutation`.

Puts every fault of the catalogue (`tests/support/mutation`) into the generated files of seven
networks, in each backend where it applies, and runs parity on each: is it detected? All results are
written to `results.json` beside this file, and from there to `docs/results/mutation.md`. Exits with
1 if a fault is missed, or if a file without one is found to differ.

    python tests/mutation/run.py [--backends torch,onnx] [--networks vit] [--faults bn-eps-late]

With any of these the results are shown only, and nothing is written.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from mutation.mutants import Mutant, all_mutants, networks  # noqa: E402
from mutation.results import page, summary, write_results  # noqa: E402
from mutation.runner import REFERENCE, Bench, Result, Worker, workers  # noqa: E402

BACKENDS = ("torch", "jax", "tensorflow", "onnx")
PAGE = HERE.parent.parent / "docs" / "results" / "mutation.md"
#: Workers side by side.
JOBS = 2


def main() -> int:
    arguments = options()
    backends = arguments.backends.split(",")
    names = arguments.networks.split(",") if arguments.networks else None
    faults = arguments.faults.split(",") if arguments.faults else None
    graphs = networks(HERE / "networks")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, workers([REFERENCE, *backends]) as running:
        benches = [
            Bench(name, graph, Path(folder) / name, backends)
            for name, graph in graphs.items()
            if names is None or name in names
        ]
        for bench in benches:
            bench.reference(running[REFERENCE])

        def run(backend: str) -> list[Result]:
            results = []
            for bench in benches:
                turn = list(graphs).index(bench.name)
                for mutant in _wanted(bench, backend, turn, faults):
                    results.append(_shown(bench, mutant, running[backend]))
            return results

        with ThreadPoolExecutor(JOBS) as pool:
            results = [result for made in pool.map(run, backends) for result in made]
    print("\n".join(summary(results)))
    print(f"{time.monotonic() - started:.0f} s")
    if names is None and faults is None and len(backends) == len(BACKENDS):
        write_results(results, HERE / "results.json")
        PAGE.write_text(page(results), encoding="utf-8")
    return 0 if all(result.is_right for result in results) else 1


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--backends", default=",".join(BACKENDS))
    parser.add_argument("--networks")
    parser.add_argument("--faults")
    return parser.parse_args()


def _wanted(bench: Bench, backend: str, turn: int, faults: list[str] | None) -> Iterator[Mutant]:
    yield Mutant(bench.name, backend, "")
    yield from all_mutants(bench.name, bench.graph, backend, turn, faults)


def _shown(bench: Bench, mutant: Mutant, worker: Worker) -> Result:
    result = bench.run(mutant, worker)
    mark = "    " if result.is_right else "BAD "
    print(f"{mark}{bench.name:11} {mutant.backend:11} {mutant.fault:24} {result.how}", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
