"""Other meanings of convolutions, pools and whatever else slides over positions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.ops.windows import each
from resdsl.parity.causes.norms import epsilons
from resdsl.parity.causes.variant import Variant, other, twisted
from resdsl.types import TensorType

SAME = "TensorFlow, Keras and Flax: an odd zero goes to the end"


def kernels(op: Any, rank: int, *, square: bool) -> Iterator[Variant]:
    """Other readings of the same kernel."""
    sizes = each(op.kernel, rank)
    if max(sizes) > 1:
        yield twisted(
            "kernel flipped",
            "a convolution in the strict sense, the kernel turned by "
            "180 degrees, and no cross-correlation",
            "`scipy.signal.convolve`, Theano, Caffe to Theano converters",
            kernel="flipped",
        )
    if rank > 1 and sizes[-1] == sizes[-2] and sizes[-1] > 1:
        yield twisted(
            "kernel transposed",
            "rows and columns of the kernel change places",
            "weights read as width x height, as in MATLAB",
            kernel="transposed",
        )
    if square:
        yield twisted(
            "kernel's channels swapped",
            "input and output channels of the kernel change places",
            "a wrong transpose between OIHW and HWIO",
            kernel="turned over",
        )
    yield twisted(
        "kernel reshaped",
        "the kernel's numbers are read in the order of HWIO",
        "a reshape in the place of a transpose",
        kernel="reshaped",
    )


def biases(op: Any) -> Iterator[Variant]:
    """Of a layer that has one; what is not there cannot be added."""
    if op.bias:
        yield twisted(
            "bias = false", "the bias is not added", "a layer before a batch norm", without=["bias"]
        )


def paddings(op: Any, x: TensorType) -> Iterator[Variant]:
    """Other places and contents of a frame."""
    mine = tuple(op.pads(x))
    seen = {mine}
    for pad, name, says, who in (
        ("tf_same", "padding = SAME", "it pads as TensorFlow does, by the size of the input", SAME),
        (
            "same",
            "padding on all sides",
            "it pads as much on all sides, as PyTorch does",
            "PyTorch and Caffe",
        ),
        ("valid", "padding = VALID", "it does not pad", "TensorFlow's, Keras's default"),
    ):
        changed = other(op, says, who, name=name, pad=pad)
        pads = tuple(changed.op.pads(x))  # type: ignore[union-attr]
        if pads not in seen:
            seen.add(pads)
            yield changed
            before = pads[::2] != pads[1::2]
            if before:
                yield Variant(
                    "padding = SAME_LOWER",
                    "it pads by the size of the input, an odd zero at the beginning",
                    "ONNX's SAME_LOWER, and CNTK",
                    op=changed.op,
                    twist={"sides": "before"},
                )
    for more in (1, 2, 3):
        around = (more,) * len(mine)
        if around not in seen:
            yield other(op, f"it pads {more} on all sides", name=f"pad = {more}", pad=more)
    if mine[::2] != mine[1::2]:
        yield twisted(
            "padding at the beginning",
            "what is padded at the end stands in front",
            "Caffe, CNTK, ONNX's SAME_LOWER",
            sides="before",
        )
    if x.rank > 1 and mine[:2] != mine[2:4]:
        yield twisted(
            "padding of rows and columns swapped",
            "the frame of rows goes to columns",
            sides="turned",
        )


def frames(x: TensorType) -> Iterator[Variant]:
    """What stands in the frame."""
    for mode, name, who in (
        ("reflect", "reflect", "style transfer networks"),
        ("replicate", "edge", '`np.pad(mode="edge")`'),
        ("circular", "wrap", '`padding_mode="circular"`, `padding="CIRCULAR"` of Flax'),
    ):
        yield twisted(f"pad mode = {name}", f"the frame is no zeros: {name}", who, frame=mode)


def strides(op: Any, x: TensorType, own: Any) -> Iterator[Variant]:
    """Steps of another length: shapes differ then."""
    for stride in (1, 2, 4):
        if each(own, x.rank) != (stride,) * x.rank:
            says = f"the stride is {stride}, and not {own}"
            who = (
                "ResNets that put the stride on the other convolution of a bottleneck: the first "
                "1x1 in the paper, Caffe and Keras, the 3x3 in torchvision"
                if {stride, own} == {1, 2}
                else ""
            )
            yield other(op, says, who, stride=stride)
    steps = each(own, x.rank)
    if steps != steps[::-1]:
        yield other(op, "the strides of rows and columns are swapped", stride=steps[::-1])


def conv(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    (x,) = inputs
    out, groups = op.counts(x)
    yield from paddings(op, x)
    yield from biases(op)
    yield from strides(op, x, op.stride)
    for dilation in (1, 2, 4):
        if each(op.dilation, x.rank) != (dilation,) * x.rank and max(each(op.kernel, x.rank)) > 1:
            says = f"the kernel's entries are {dilation} apart, and not {op.dilation}"
            yield other(op, says, dilation=dilation)
            if op.pad == "same":
                around = tuple(op.pads(x))
                says = f"{says}, within the same frame"
                name = f"dilation = {dilation}, padding as before"
                yield other(op, says, name=name, dilation=dilation, pad=around)
    if any(op.pads(x)):
        yield from frames(x)
    yield from kernels(op, x.rank, square=out == x.channels // groups)
    yield from _groups(op, x, groups)
    if op.name == "conv" and op.standardize:
        yield other(op, "kernels are not standardized", standardize=False)
        yield twisted(
            "kernel variance = unbiased",
            "kernels are divided by the deviation with n - 1",
            "`torch.std`",
            variance="unbiased",
        )
        yield from epsilons(op, "standardize_eps")
    elif op.name == "conv":
        yield other(op, "kernels are standardized", standardize=True)


def _groups(op: Any, x: TensorType, groups: int) -> Iterator[Variant]:
    if op.name == "conv" and groups > 1:
        for where, says in (
            ("in", "input channels are dealt out to the groups in turn"),
            ("out", "the groups' output channels are interleaved"),
            ("both", "channels are dealt out to the groups in turn, and come back so"),
        ):
            yield twisted(
                f"groups interleaved ({where})",
                says,
                "channel shuffle, and reshapes of NHWC tensors",
                channels=where,
            )
    if op.name == "depthwise" and op.multiplier > 1:
        yield twisted(
            "multiplier first",
            "kernels are ordered by multiplier and then by channel",
            "a wrong reshape of Keras's depthwise kernels",
            order="multiplier first",
        )
        yield twisted(
            "outputs by multiplier",
            "output channels are ordered by multiplier first",
            channels="out",
        )


def conv_transpose(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    (x,) = inputs
    yield from biases(op)
    yield from kernels(op, x.rank, square=x.channels == op.out // op.groups)
    yield twisted(
        "output padded at the beginning", "what `output_pad` adds stands in front", sides="before"
    )
    for pad in (0, 1, 2):
        if each(op.pad, x.rank) != (pad,) * x.rank:
            yield other(op, f"{pad} positions are taken away at both ends", pad=pad)


def max_pool(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    (x,) = inputs
    yield from paddings(op, x)
    yield from _rounding(op)
    if any(op.pads(x)):
        yield twisted(
            "zeros around the input",
            "padding is zeros, which win over negative entries",
            "`tf.pad` and `ZeroPadding2D` before a pool",
            twist={"frame value": 0.0},
        )
    yield twisted("mean in place of the maximum", "the window's mean is taken", reduce="mean")
    yield from _windows(op, x)


def avg_pool(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    (x,) = inputs
    says = "padding does not count in the mean" if op.count_pad else "padding counts in the mean"
    if any(op.pads(x)):
        yield other(
            op,
            says,
            "TensorFlow, Keras, ONNX's default" if op.count_pad else "PyTorch's default, Caffe",
            name=f"count_include_pad = {'false' if op.count_pad else 'true'}",
            count_pad=not op.count_pad,
        )
    yield from paddings(op, x)
    yield from _rounding(op)
    if op.ceil:
        yield twisted(
            "overhang counts",
            "positions beyond the padding count in the mean",
            "old PyTorch and ONNX runtimes",
            counts="window",
        )
    yield twisted(
        "maximum in place of the mean", "the window's largest entry is taken", reduce="max"
    )
    yield from _windows(op, x)


def _rounding(op: Any) -> Iterator[Variant]:
    if op.pad != "tf_same":
        says = "it rounds the number of windows " + ("down" if op.ceil else "up")
        who = "PyTorch's default" if op.ceil else "Caffe, which rounds up for pools"
        name = f"ceil_mode = {'false' if op.ceil else 'true'}"
        yield other(op, says, who, name=name, ceil=not op.ceil)


def _windows(op: Any, x: TensorType) -> Iterator[Variant]:
    yield from strides(op, x, op.step())
    for kernel in (2, 3):
        if each(op.kernel, x.rank) != (kernel,) * x.rank:
            yield other(op, f"the window is {kernel} wide", kernel=kernel, stride=op.step())


def blur_pool(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield from frames(inputs[0])
    yield twisted("pad mode = zeros", "the frame is zeros", frame="constant")
    yield twisted("blur = box", "the blur weighs all positions alike", blur="box")
    if op.kernel % 2 == 0:
        yield twisted(
            "padding at the beginning", "the odd position stands in front", sides="before"
        )
    for kernel in (2, 3, 4, 5):
        if kernel != op.kernel:
            yield other(op, f"the blur is {kernel} wide", kernel=kernel)


def adaptive_avg_pool(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted(
        "equal windows",
        "all windows are equally wide, and start at equal steps",
        "an ordinary pool with a computed stride",
        windows="equal",
    )


def global_pool(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    for kind, name in (("sum", "sum"), ("mean", "mean"), ("max", "maximum")):
        if kind != ("mean" if op.name == "global_avg_pool" else "max"):
            yield twisted(
                f"{name} over positions", f"the {name} over all positions is taken", reduce=kind
            )


def pad(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    (x,) = inputs
    yield from frames(x)
    yield twisted(
        "padding at the beginning", "what is padded at the end stands in front", sides="before"
    )
    yield twisted(
        "padding of rows and columns swapped",
        "the frame of rows goes to columns",
        "`F.pad`, which names the last dimension first",
        sides="turned",
    )
    for value in (0.0, 1.0):
        if value != op.value:
            yield other(op, f"the frame holds {value:g}", value=value)


def subsample(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted(
        "subsample = mean",
        "it takes the mean of positions, and not the first of them",
        "average pooling in shortcuts (ResNet-D, old CIFAR code)",
        reduce="mean",
    )
    yield twisted(
        "first position left out",
        "it begins with the second position",
        "a 1x1 convolution on a SAME padding",
        first="second",
    )


def upsample(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    rank = inputs[0].rank
    linear = {1: "linear", 2: "bilinear", 3: "trilinear"}[rank]
    nearest = op.mode == "nearest"
    if nearest:
        yield twisted(
            "nearest = half pixel",
            "it takes the position nearest to the centre",
            "PyTorch's `nearest-exact`, `jax.image.resize`, TensorFlow 2",
            coordinates="half pixel",
            rounding="round",
        )
        yield twisted(
            "nearest, corners aligned",
            "it takes the nearest position with the corners put on each other",
            coordinates="align corners",
            rounding="round",
        )
        yield other(op, "it interpolates", mode=linear)
    else:
        yield twisted(
            "align_corners = true",
            "the outermost positions are put on each other",
            "PyTorch's old default, DeepLab",
            coordinates="align corners",
        )
        yield twisted(
            "coordinates = asymmetric",
            "positions are scaled from the corner, with no half pixel",
            "TensorFlow 1's `resize_bilinear`, Caffe",
            coordinates="asymmetric",
        )
        yield other(op, "it repeats, and does not interpolate", mode="nearest")


def channel_conv(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted("kernel flipped", "the kernel is turned around", kernel="flipped")
    for mode, name in (("circular", "wrap"), ("replicate", "edge"), ("reflect", "reflect")):
        yield twisted(f"pad mode = {name}", f"the frame is no zeros: {name}", frame=mode)
