"""Scripts for several processes: what they have beside those for one.

Every process makes the whole batch and takes its share of it, so that a batch is the same whatever
the number of processes; the trainer joins gradients and results. The first process writes.
"""

from __future__ import annotations

from resdsl.codegen.trainer.text import indented, laid_out, split
from resdsl.diagnostics import error
from resdsl.ir.graph import Graph
from resdsl.ops.norm import BatchNorm
from resdsl.recipes.recipe import Recipe
from resdsl.records import dataclass

_SHARE = '''
def share(images: np.ndarray, labels: np.ndarray, rank: int, processes: int) -> Batch:
    """This process's part of a batch. A test batch that does not come out even is filled up with
    samples that have no label."""
    missing = -len(labels) % processes
    if missing:
        images = np.pad(images, [(0, missing)] + [(0, 0)] * (images.ndim - 1))
        labels = np.pad(labels, (0, missing), constant_values=-1)
    return images[rank::processes], labels[rank::processes]
'''


@dataclass(frozen=True, slots=True)
class Processes:
    """How the script of a backend says it.

    `join` are the statements of `main` that meet the other processes and say of this one which it
    is, `rank`, how many there are, `processes`, and how many `devices` all have: `devices` is what
    the script calls that. `leave` is the last statement of `main`, if there is one. `launch` says
    how a `{file}` is started.
    """

    join: tuple[str, ...]
    devices: str
    leave: str
    launch: str


def shared_variance(graph: Graph) -> str:
    """What the running variances of all batch norms divide by, where they are synchronized.

    One class of batch norm takes the place of the framework's. Raises `CompileError` (`R0861`)
    where some keep the variance divided by n and others by n - 1.
    """
    norms = {n.op.variance: n for n in graph.nodes if isinstance(n.op, BatchNorm)}
    if len(norms) > 1:
        raise error(
            "R0861",
            'synchronized batch norms keep one variance, and here some keep `"unbiased"` and '
            'others `"population"`',
            norms["population"].origin.span,
            help='give all of them the same `variance`, or `devices(batch_norm = "local")` to the '
            "recipe",
        )
    return next(iter(norms), "unbiased")


def share() -> list[str]:
    """The function that takes a process's part of a batch."""
    return split(_SHARE)


def parts_check(recipe: Recipe, devices: str) -> list[str]:
    """Statements that end the script unless every device has as much of every micro-batch."""
    parts, into = devices, f"{{{devices}}} equal parts"
    if recipe.accumulate > 1:
        parts = f"({devices} * {recipe.accumulate})"
        into = f"{recipe.accumulate} parts for each of {{{devices}}} {devices}"
    refusal = f'parser.error(f"a batch of {{BATCH}} does not fall into {into}")'
    return [f"if BATCH % {parts}:", *indented(laid_out(refusal, 2))]
