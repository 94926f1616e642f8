"""Normalizations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from resdsl.ops import attributes as a
from resdsl.ops.base import OpError, UnaryOp, Weight, attribute, op
from resdsl.ops.initializers import Constant, Initializer
from resdsl.ops.shapes import expect_positions
from resdsl.types import TensorType

ONES = Constant(1.0)
ZEROS = Constant(0.0)


@op("batch_norm")
class BatchNorm(UnaryOp):
    """Batch normalization (Ioffe and Szegedy 2015), per channel; shapes stay as they are.

    Training: `y = (x - mean) / sqrt(var + eps) * weight + bias` with mean and variance (divided by
    n) over the batch and all positions, and
    `running = (1 - momentum) * running + momentum * batch`; the running variance takes the batch's
    divided by n - 1 (`"unbiased"`) or by n (`"population"`). Evaluation uses the running ones.
    """

    eps: float = attribute("added to the variance", a.number(0), 1e-5)
    momentum: float = attribute(
        "share of the new batch in the running statistics", a.number(0, at_most=1), 0.1
    )
    affine: bool = attribute("whether to scale and shift by learned numbers", a.flag(), True)
    variance: str = attribute(
        "what the running variance divides by", a.choice("unbiased", "population"), "unbiased"
    )
    init: Initializer = attribute("how the scale starts", a.initializer(), ONES)
    bias_init: Initializer = attribute("how the shift starts", a.initializer(), ZEROS)

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        shape = (x.channels,)
        fans = (x.channels, x.channels)
        learned: tuple[Weight, ...] = ()
        if self.affine:
            learned = (
                Weight("weight", shape, self.init, *fans),
                Weight("bias", shape, self.bias_init, *fans),
            )
        return (
            *learned,
            Weight("running_mean", shape, ZEROS, *fans, trainable=False),
            Weight("running_var", shape, ONES, *fans, trainable=False),
        )


@op("group_norm")
class GroupNorm(UnaryOp):
    """Group normalization (Wu and He 2018): per sample, over the positions and channels of a group.

    `y = (x - mean) / sqrt(var + eps) * weight + bias`, with the variance divided by n, in training
    and evaluation alike. Channels fall into `groups` groups in order; weight and bias are per
    channel. One group is layer normalization over everything, as many as channels are instance
    normalization. Shapes stay as they are.
    """

    is_layer: ClassVar[bool] = True

    groups: int = attribute("number of groups of channels", a.whole(1))
    eps: float = attribute("added to the variance", a.number(0), 1e-5)
    affine: bool = attribute("whether to scale and shift by learned numbers", a.flag(), True)
    init: Initializer = attribute("how the scale starts", a.initializer(), ONES)
    bias_init: Initializer = attribute("how the shift starts", a.initializer(), ZEROS)

    def result(self, x: TensorType) -> TensorType:
        if x.channels % self.groups:
            raise OpError(f"{self.groups} groups do not divide {x.channels} channels")
        return x

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        return _affine(self.init, self.bias_init, x) if self.affine else ()


@op("layer_norm")
class LayerNorm(UnaryOp):
    """Layer normalization (Ba et al. 2016) over the channels, at every position by itself.

    `y = (x - mean) / sqrt(var + eps) * weight + bias`, with the variance divided by n, in training
    and evaluation alike; weight and bias are per channel. Shapes stay as they are.
    """

    is_layer: ClassVar[bool] = True

    eps: float = attribute("added to the variance", a.number(0), 1e-5)
    affine: bool = attribute("whether to scale and shift by learned numbers", a.flag(), True)
    init: Initializer = attribute("how the scale starts", a.initializer(), ONES)
    bias_init: Initializer = attribute("how the shift starts", a.initializer(), ZEROS)

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        return _affine(self.init, self.bias_init, x) if self.affine else ()


def _affine(init: Initializer, bias_init: Initializer, x: TensorType) -> tuple[Weight, ...]:
    """The scale and the shift of each channel."""
    fans = (x.channels, x.channels)
    return (
        Weight("weight", (x.channels,), init, *fans),
        Weight("bias", (x.channels,), bias_init, *fans),
    )


@op("lrn")
class LocalResponseNorm(UnaryOp):
    """Local response normalization across channels (Krizhevsky et al. 2012, section 3.3).

    `y = x / (k + alpha / size * s) ** beta`, with `s` the sum of squares over `size` channels
    around each one at the same position; shapes stay as they are. Beware of the division: it is
    PyTorch's, Caffe's and ONNX's, while the paper and TensorFlow multiply by `alpha` alone. The
    paper's numbers (k 2, n 5, alpha 1e-4, beta 0.75) read `lrn(5, alpha = 5e-4, k = 2)` here.
    """

    size: int = attribute("number of channels in the sum", a.whole(1), 5)
    alpha: float = attribute("weight of the mean square", a.number(0), 1e-4)
    beta: float = attribute("exponent", a.number(), 0.75)
    k: float = attribute("added to the mean square", a.number(0), 1.0)

    def problems(self) -> Iterator[str]:
        if self.size % 2 == 0:
            yield "`size` must be odd: frameworks put an even window in different places"

    def result(self, x: TensorType) -> TensorType:
        expect_positions(self, x)
        return x
