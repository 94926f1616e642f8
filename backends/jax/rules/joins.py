"""Flax NNX rules of joins."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import SymbolicOp
from resdsl.codegen.python.joins import added, joined_list, multiplied
from resdsl.codegen.python.layout import atom
from resdsl.codegen.python.target import Scribe
from resdsl.ops.joins import Add, Concat, Mul, Sub

from .tables import (
    FUNCTIONS,
)


@FUNCTIONS.emits(Add)
def _add(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return added(arguments)


@FUNCTIONS.emits(Sub)
def _sub(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return " - ".join(map(atom, arguments))


@FUNCTIONS.emits(Mul)
def _mul(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return multiplied(op, arguments, ":", scribe)


@FUNCTIONS.emits(Concat)
def _concat(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.imports.add("import jax.numpy as jnp")
    return f"jnp.concatenate({joined_list(arguments)}, axis=-1)"
