"""Learned numbers: what a tensor is multiplied by, or what is added to it, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from resdsl.ops import attributes as a
from resdsl.ops.base import UnaryOp, Weight, attribute, op
from resdsl.ops.initializers import Constant, Initializer, VarianceScaling
from resdsl.types import TensorType

_PER = a.choice("channel", "tensor", "entry")


class Scalars(UnaryOp):
    """What `scale` and `offset` share; the attributes are theirs."""

    bare_weight: ClassVar[bool] = True

    value: float | Initializer
    per: str
    learned: bool

    def problems(self) -> Iterator[str]:
        if not self.learned and isinstance(self.value, Initializer):
            yield "a constant is a number: with `learned = false` there is nothing to initialize"
        if isinstance(self.value, VarianceScaling):
            yield "the numbers have no fan to scale by: start with a number, `normal` or `uniform`"

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        if not self.learned:
            return ()
        if self.per == "entry":
            shape = x.numbers
        else:
            shape = (x.channels,) if self.per == "channel" else (1,)
        start = self.value if isinstance(self.value, Initializer) else Constant(self.value)
        return (Weight("", shape, start),)


@op("scale")
class Scale(Scalars):
    """The entries times learned numbers; shapes stay as they are.

    One number for each channel (LayerScale, Touvron et al. 2021), one for the whole tensor (ReZero,
    Bachlechner et al. 2020; Fixup, Zhang et al. 2019), or one for each entry of a sample. The
    weight has no name of its own: it bears the label of the item. With `learned = false` it is no
    weight, but the same number always.
    """

    value: float | Initializer = attribute("the number at the start", a.start(), 1.0)
    per: str = attribute("what has a number of its own", _PER, "channel")
    learned: bool = attribute("whether training changes it", a.flag(), True)


@op("offset")
class Offset(Scalars):
    """The entries plus learned numbers; shapes stay as they are.

    One number for each channel, one for the whole tensor (Fixup, Zhang et al. 2019), or one for
    each entry of a sample (a position embedding, Dosovitskiy et al. 2020). The weight has no name
    of its own: it bears the label of the item. With `learned = false` it is no weight, but the same
    number always.
    """

    gradient_reads: ClassVar[str] = "nothing"

    value: float | Initializer = attribute("the number at the start", a.start(), 0.0)
    per: str = attribute("what has a number of its own", _PER, "channel")
    learned: bool = attribute("whether training changes it", a.flag(), True)
