"""Settings of the studies' residual networks, and where they are looked at."""

from __future__ import annotations

from resdsl.ir.graph import Graph

NETWORK = "residual.res:cifar"
#: Shortcuts as settings: none, and the options of He et al. 2015, section 3.3.
SKIPS = {"plain": "none", "A": "zero_pad", "B": "projection", "C": "full_projection"}
#: With batch norms, and with biases in their place.
NORMS = {"batch norm": "batch_norm", "no batch norm": "bias"}


def settings(
    depth: int, skip: str = "A", norm: str = "batch norm", width: int = 16
) -> tuple[str, ...]:
    """As of `--set`, for `NETWORK`."""
    return (f"depth={depth}", f"skip={SKIPS[skip]}", f"norm={NORMS[norm]}", f"width={width}")


def convolutions(graph: Graph) -> list[str]:
    """Paths of the 3x3 convolutions, in the order of the network."""
    return [w.node.path for w in graph.weights if w.weight.shape[-2:] == (3, 3)]


def before_relu(graph: Graph) -> list[str]:
    """Paths of the norms behind them: what they give goes into a ReLU, in a block together with
    the shortcut."""
    return [path.replace("conv", "norm") for path in convolutions(graph)]
