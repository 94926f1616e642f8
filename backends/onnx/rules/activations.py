"""ONNX rules of activations."""

from __future__ import annotations

from resdsl.ops.activation import Relu, Softmax

from ..builder import Site
from .tables import rules


@rules.emits(Relu)
def relu(op: Relu, site: Site) -> None:
    site.emit("Relu", site.x)


@rules.emits(Softmax)
def softmax(op: Softmax, site: Site) -> None:
    site.emit("Softmax", site.x, axis=1)
