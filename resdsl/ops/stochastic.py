"""Operations that draw random numbers in training."""

from __future__ import annotations

from typing import ClassVar

from resdsl.ops import attributes as a
from resdsl.ops.base import UnaryOp, attribute, op


@op("dropout")
class Dropout(UnaryOp):
    """Dropout (Srivastava et al. 2014); shapes stay as they are.

    Training: each entry becomes zero with probability `rate`, and the others are divided by
    `1 - rate`. Evaluation leaves the tensor as it is.
    """

    gradient_reads: ClassVar[str] = "mask"

    stochastic: ClassVar[bool] = True

    rate: float = attribute("probability of dropping an entry", a.number(0, below=1), 0.5)
