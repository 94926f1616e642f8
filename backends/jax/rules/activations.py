"""Flax NNX rules of activations."""

from __future__ import annotations

from resdsl.codegen.plan import SymbolicOp
from resdsl.codegen.python.target import Scribe
from resdsl.ops.activation import Relu, Softmax

from .tables import (
    APPLICATIONS,
    Application,
)


@APPLICATIONS.emits(Relu)
def _relu(op: SymbolicOp, scribe: Scribe) -> Application:
    return Application("nnx.relu")


@APPLICATIONS.emits(Softmax)
def _softmax(op: SymbolicOp, scribe: Scribe) -> Application:
    return Application("nnx.softmax")
