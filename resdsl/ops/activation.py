"""Activations: functions of each entry, or of the channels at each position."""

from __future__ import annotations

from typing import ClassVar

from resdsl.ops.base import UnaryOp, op


@op("relu")
class Relu(UnaryOp):
    """The larger of the entry and zero (Nair and Hinton 2010); the derivative at zero is zero."""

    gradient_reads: ClassVar[str] = "result"


@op("softmax")
class Softmax(UnaryOp):
    """`exp(x) / sum(exp(x))` over the channels, at every position; shapes stay as they are."""

    gradient_reads: ClassVar[str] = "result"
