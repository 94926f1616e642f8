"""Mutation testing of parity: `make mutation`.

Puts every fault of the catalogue (`tests/support/mutation`) into the generated files of seven
networks, one at a time, and runs parity on each: is it detected, is its line shown, is its cause
named? JAX and TensorFlow have each fault in one network, the others in all that can have it. The
results are written to `results.json` beside this file, and from there to
`docs/results/mutation.md`. Exits with 1 if a fault is missed, or if a file without one is found to
differ.

    python tests/mutation/run.py [--backends torch,onnx] [--networks vit] [--faults bn-eps-late]

With any of these the results are shown only, and nothing is written.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from mutation.mutants import Mutant, all_mutants, applicable, networks  # noqa: E402
from mutation.results import page, shown, summary, write_results  # noqa: E402
from mutation.runner import REFERENCE, Bench, Result, Worker, workers  # noqa: E402

from resdsl.ir.graph import Graph  # noqa: E402

BACKENDS = ("torch", "jax", "tensorflow", "onnx")
PAGE = HERE.parent.parent / "docs" / "results" / "mutation.md"
#: Where each fault is put into one network, and not into all.
SLOW = ("jax", "tensorflow")
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

        turns = {name: turn for turn, name in enumerate(graphs)}
        once = _once(graphs)

        def run(backend: str) -> list[Result]:
            results = []
            for bench in benches:
                wanted = faults
                if faults is None and names is None and backend in SLOW:
                    wanted = [fault for fault, name in once.items() if name == bench.name]
                for mutant in _wanted(bench, backend, turns[bench.name], wanted):
                    results.append(_shown(bench, mutant, running))
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


def _once(graphs: dict[str, Graph]) -> dict[str, str]:
    """A network for each fault: another one for each, where several can have it."""
    where: dict[str, list[str]] = {}
    for name, graph in graphs.items():
        for fault in applicable(graph):
            where.setdefault(fault, []).append(name)
    return {fault: names[i % len(names)] for i, (fault, names) in enumerate(where.items())}


def _wanted(bench: Bench, backend: str, turn: int, faults: list[str] | None) -> Iterator[Mutant]:
    yield Mutant(bench.name, backend, "")
    yield from all_mutants(bench.name, bench.graph, backend, turn, faults)


def _shown(bench: Bench, mutant: Mutant, running: Mapping[str, Worker]) -> Result:
    result = bench.run(mutant, running)
    print(shown(result), flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
