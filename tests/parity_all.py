"""Every network of examples/ in every framework: `make parity-all`, and of its zoo: `make zoo`.

One row a network: the largest relative error of any framework against PyTorch in float64, quantity
by quantity. Five training steps; one for the zoo, and for the large networks without residuals,
whose weights take gigabytes; the eval forward alone for the networks of a thousand layers. Exits
with 1 if any differs.

    python tests/parity_all.py [--zoo] [--dtype float32] [--backends torch,jax] [--probe all]
        [PATTERN ...]
"""

import argparse
import fnmatch
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from resdsl.diagnostics import CompileError, Diagnostic, render_all
from resdsl.ir.graph import Graph
from resdsl.parity import Report, Settings, run
from resdsl.parity.inputs import load_network, smallest_statistics
from resdsl.parity.quantities import QUANTITIES
from resdsl.parity.settings import BACKENDS
from resdsl.passes.load import complete_models, load_program

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
ZOO = EXAMPLES / "zoo"

#: Parameters from which one step must do, and weights from which the eval forward must.
HEAVY = 60_900_000
DEEP = 3000
#: The least number of values that a batch norm shall see.
LARGE_BATCH = 16

HEADS = ("eval", "train", "values", "loss", "grads", "by vals", "stats")
HEADS += ("losses", "params", "after")


def networks(folder: Path, patterns: list[str]) -> Iterator[str]:
    """`resnet.res:resnet18` and so on, in the order of the files."""
    for file in sorted(folder.glob("*.res")):
        for model in complete_models(load_program(str(file))):
            name = f"{file.name}:{model}"
            if not patterns or any(fnmatch.fnmatch(name, f"*{p}*") for p in patterns):
                yield name


def steps_for(graph: Graph, folder: Path) -> int:
    if len(graph.weights) > DEEP:
        return 0
    return 1 if folder == ZOO or graph.parameters > HEAVY else 5


def batch_for(graph: Graph) -> int:
    """Samples in a batch: more where a batch norm behind a global pool sees a value of each, since
    statistics over few values multiply rounding."""
    smallest = smallest_statistics(graph, Settings().batch)
    return LARGE_BATCH if smallest is not None and smallest[1] < LARGE_BATCH else Settings().batch


def row(name: str, graph: Graph, report: Report) -> str:
    """One line of the table."""
    errors = [worst(report, quantity.name) for quantity in QUANTITIES]
    size = "x".join(map(str, graph.input_types[0].shape))
    verdict = "agree" if report.agreed else "DIFFER"
    return (
        f"{name:30} {graph.parameters:>11,} {size:>10} {report.subject['steps']:>5} "
        f"{' '.join(f'{error:>7}' for error in errors)} {report.seconds:>5.0f}  {verdict}"
    )


def worst(report: Report, quantity: str) -> str:
    cells = [r.cells[quantity] for r in report.rows]
    if any(cell.problem is not None and not cell.status.is_good for cell in cells):
        return "✗"
    errors = [cell.error for cell in cells if cell.error is not None]
    return f"{max(errors):.0e}" if errors else "-"


def troubles(report: Report) -> list[Diagnostic]:
    found = [r.failure or (r.first.diagnostic if r.first else None) for r in report.rows]
    return [diagnostic for diagnostic in found if diagnostic is not None]


def compare(folder: Path, name: str, options: argparse.Namespace) -> bool:
    """Compare one network and print its row; whether it agrees."""
    try:
        graph = load_network(str(folder / name))
        settings = Settings(
            backends=tuple(options.backends.split(",")),
            dtype=options.dtype,
            steps=steps_for(graph, folder),
            batch=batch_for(graph),
            images=options.images,
            probe=options.probe,
        )
        report = run(graph, settings)
    except CompileError as failure:
        print(f"{name:30} cannot be compared", flush=True)
        print(render_all(failure.diagnostics), file=sys.stderr, flush=True)
        return False
    print(row(name, graph, report), flush=True)
    if not report.agreed:
        print(render_all(troubles(report)), file=sys.stderr, flush=True)
    return report.agreed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--zoo", action="store_true")
    parser.add_argument("--dtype", default="float64")
    parser.add_argument("--backends", default=",".join(BACKENDS))
    parser.add_argument("--images", default="noise")
    parser.add_argument("--probe")
    options = parser.parse_args()
    started = time.perf_counter()
    heads = " ".join(f"{head:>7}" for head in HEADS)
    print(f"{'network':30} {'parameters':>11} {'input':>10} {'steps':>5} {heads} {'s':>5}")
    folder = ZOO if options.zoo else EXAMPLES
    results = [compare(folder, name, options) for name in networks(folder, options.patterns)]
    minutes = (time.perf_counter() - started) / 60
    print(f"{sum(results)} of {len(results)} networks agree, in {minutes:.0f} minutes")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
