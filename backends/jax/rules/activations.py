"""Flax NNX rules of activations."""

from __future__ import annotations

from resdsl.codegen.plan import SymbolicOp
from resdsl.codegen.python.layout import Keyword
from resdsl.codegen.python.operations import is_given, shared
from resdsl.codegen.python.target import Scribe
from resdsl.ops.activation import (
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    Relu,
    Relu6,
    Sigmoid,
    Silu,
    Softmax,
    Tanh,
)

from .tables import APPLICATIONS, Application, given


@APPLICATIONS.emits(Relu, Relu6, Silu, Sigmoid, Tanh, HardSwish, HardSigmoid)
def _function(op: SymbolicOp, scribe: Scribe) -> Application:
    return Application(f"nnx.{op.kind.name}")


@APPLICATIONS.emits(LeakyRelu)
def _leaky_relu(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("leaky_relu")
    return Application(
        "leaky_relu", tuple(given(scribe, 0.01, slope=op.attributes["slope"])), positional=1
    )


@APPLICATIONS.emits(Gelu)
def _gelu(op: SymbolicOp, scribe: Scribe) -> Application:
    # Flax's default is the approximation.
    exact = (Keyword("approximate", "False"),) if shared(op, "approximate") == "none" else ()
    return Application("nnx.gelu", exact)


@APPLICATIONS.emits(Softmax)
def _softmax(op: SymbolicOp, scribe: Scribe) -> Application:
    if not is_given(op, "slices"):
        return Application("nnx.softmax")
    scribe.uses.helpers.add("slice_softmax")
    slices = Keyword("slices", scribe.text(op.attributes["slices"]))
    return Application("slice_softmax", (slices,), positional=1)
