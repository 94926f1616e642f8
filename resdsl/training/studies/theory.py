"""What theory says of signals in wide networks with random weights, layer by layer.

z is what a layer gives before its nonlinearity f, q the mean of its squares, g that of the loss's
gradient by z. Weights are independent with mean 0 and variance s / fan_in, biases are zero. As the
width grows (He et al. 2015b, equations 7 to 14, for ReLU; Poole et al. 2016 and Schoenholz et al.
2016 for any f), z is normal, and from layer to layer

    q' = s E[f(sqrt(q) x)^2]           forward
    g  = s E[f'(sqrt(q) x)^2] g'       backward, between layers of equal width

with x normal. For ReLU both factors are s / 2 whatever q is. Where tanh is nearly linear both are
s, which is the argument of Glorot & Bengio 2010 for s = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"
Function: TypeAlias = "Callable[[Array], Array]"

# An even number of nodes: none at zero, where ReLU has its kink, and as many above as below.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(100)

#: Each nonlinearity with its slope.
ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}
#: s of each start between layers of equal width: Glorot & Bengio 2010, He et al. 2015b.
SCALES = {"xavier": 1.0, "he": 2.0}


def mean_square(f: Function, q: float) -> float:
    """E[f(sqrt(q) x)^2] for normal x."""
    values = f(np.sqrt(q) * _NODES) ** 2
    return float(values @ _WEIGHTS / _WEIGHTS.sum())


def first_scale(start: str, inputs: int, width: int) -> float:
    """s of the first layer, whose fan-in differs from the others'."""
    return 2 * inputs / (inputs + width) if start == "xavier" else 2.0


def forward(start: str, activation: str, first: float, depth: int) -> list[float]:
    """q of each layer from that of the first on."""
    f, _ = ACTIVATIONS[activation]
    found = [first]
    while len(found) < depth:
        found.append(SCALES[start] * mean_square(f, found[-1]))
    return found


def backward(start: str, activation: str, squares: list[float], last: float) -> list[float]:
    """g of each layer from that of the last, whose q are `squares`."""
    _, slope = ACTIVATIONS[activation]
    found = [last]
    for q in reversed(squares[:-1]):
        found.append(SCALES[start] * mean_square(slope, q) * found[-1])
    return found[::-1]


def per_layer(values: list[float]) -> float:
    """The factor from layer to layer: its geometric mean."""
    return float(np.exp(np.mean([np.log(b / a) for a, b in pairwise(values)])))


def batch_norm_growth() -> float:
    """The factor by which the norm of a gradient grows, layer by layer, on its way back through a
    plain network with batch norm before every ReLU, at the start and at great width (Yang et al.
    2019): 1.21, whatever the weights' variance.

    ReLU leaves (pi - 1) / (2 pi) of a normal variable's variance, which batch norm makes one again,
    gradients included; on the way back ReLU lets half of the squared gradient pass.
    """
    return float(np.sqrt(np.pi / (np.pi - 1)))


def seen_taps(size: int) -> float:
    """The share of a 3x3 kernel's taps that lie on a map of `size` x `size`, over all positions.

    He et al.'s variance counts all nine; zeros around the map take the rest.
    """
    return ((3 * size - 2) / (3 * size)) ** 2
