"""Mutation testing of parity: `make mutation`.

Puts every fault of the catalogue (`tests/support/mutation`) into the generated files of seven
networks, one at a time, and runs parity on each: is it detected, is its line shown, is its cause
named? Each fault is put into one network in every backend, with `--all` into every network that
can have it. The results are written to `results.json` beside this file, and from there to
`docs/results/mutation.md`; a run that is broken off goes on where it was. Exits with 1 if a fault
is missed, or if a file without one is found to differ.

    python tests/mutation/run.py [--backends torch,onnx] [--networks vit] [--faults bn-eps-late]

With any of these the results are shown only.
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

from mutation.mutants import Mutant, all_mutants, applicable, networks  # noqa: E402
from mutation.results import line_of, page, read_log, shown, summary, write_results  # noqa: E402
from mutation.runner import REFERENCE, Bench, Result, workers  # noqa: E402

from resdsl.ir.graph import Graph  # noqa: E402

BACKENDS = ("torch", "jax", "tensorflow", "onnx")
PAGE = HERE.parent.parent / "docs" / "results" / "mutation.md"
#: What a run that is broken off has done already.
LOG = Path(tempfile.gettempdir()) / "resdsl-mutation.jsonl"


def main() -> int:
    arguments = options()
    backends = arguments.backends.split(",")
    names = arguments.networks.split(",") if arguments.networks else None
    faults = arguments.faults.split(",") if arguments.faults else None
    graphs = networks(HERE / "networks")
    started = time.monotonic()
    wanted = _everywhere(graphs) if arguments.all else _once(graphs)
    if names is not None or faults is not None:
        wanted = {(n, f) for n, f in _everywhere(graphs) if n in (names or graphs)}
        wanted = {(n, f) for n, f in wanted if faults is None or f in faults}
    done = {(r.network, r.backend, r.fault): r for r in read_log(arguments.log)}
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
            for turn, bench in enumerate(benches):
                own = [fault for name, fault in wanted if name == bench.name]
                for mutant in _mutants(bench, backend, turn, own):
                    known = done.get((mutant.network, backend, mutant.fault))
                    result = known or bench.run(mutant, running)
                    if known is None:
                        _note(result, arguments.log)
                    results.append(result)
            return results

        with ThreadPoolExecutor(arguments.jobs) as pool:
            results = [result for made in pool.map(run, backends) for result in made]
    print("\n".join(summary(results)))
    print(f"{time.monotonic() - started:.0f} s")
    if names is None and faults is None and len(backends) == len(BACKENDS):
        write_results(results, HERE / "results.json")
        PAGE.write_text(page(results), encoding="utf-8")
        arguments.log.unlink(missing_ok=True)
    return 0 if all(result.is_right for result in results) else 1


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--backends", default=",".join(BACKENDS))
    parser.add_argument("--networks")
    parser.add_argument("--faults")
    parser.add_argument("--all", action="store_true", help="every fault in every network")
    parser.add_argument("--log", type=Path, default=LOG, help="where a run goes on from")
    parser.add_argument("--jobs", type=int, default=2, help="backends side by side")
    return parser.parse_args()


def _everywhere(graphs: dict[str, Graph]) -> set[tuple[str, str]]:
    """Every network with every fault that it can have."""
    return {(name, fault) for name, graph in graphs.items() for fault in applicable(graph)}


def _once(graphs: dict[str, Graph]) -> set[tuple[str, str]]:
    """One network for each fault: where several can have it, not always the same."""
    where: dict[str, list[str]] = {}
    for name, graph in graphs.items():
        for fault in applicable(graph):
            where.setdefault(fault, []).append(name)
    return {(names[i % len(names)], fault) for i, (fault, names) in enumerate(where.items())}


def _mutants(bench: Bench, backend: str, turn: int, faults: list[str]) -> Iterator[Mutant]:
    yield Mutant(bench.name, backend, "")
    yield from all_mutants(bench.name, bench.graph, backend, turn, faults)


def _note(result: Result, log: Path) -> None:
    print(shown(result), flush=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(line_of(result) + "\n")


if __name__ == "__main__":
    sys.exit(main())
