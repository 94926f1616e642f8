"""Operations that draw random numbers in training."""

from __future__ import annotations

from typing import ClassVar

from resdsl.ops import attributes as a
from resdsl.ops.base import UnaryOp, attribute, op
from resdsl.types import TensorType


@op("dropout")
class Dropout(UnaryOp):
    """Dropout (Srivastava et al. 2014); shapes stay as they are.

    Training: each entry becomes zero with probability `rate`, and the others are divided by
    `1 - rate`. Evaluation leaves the tensor as it is.
    """

    gradient_reads: ClassVar[str] = "mask"

    stochastic: ClassVar[bool] = True

    rate: float = attribute("probability of dropping an entry", a.number(0, below=1), 0.5)


@op("drop_path")
class DropPath(UnaryOp):
    """Stochastic depth (Huang et al. 2016): all of a sample, or none; shapes stay as they are.

    Training: each sample becomes zero with probability `rate`, and the others are divided by
    `1 - rate`. Evaluation leaves the tensor as it is. At the end of a residual branch, it drops the
    branch.
    """

    gradient_reads: ClassVar[str] = "nothing"

    stochastic: ClassVar[bool] = True

    rate: float = attribute("probability of dropping a sample", a.number(0, below=1))

    def mask_shape(self, x: TensorType) -> tuple[int, ...]:
        return (1,) * len(x.shape)
