"""The catalogue of faults for ONNX files. Both forms, for evaluation and training, are changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import onnx

from mutation.catalogue import (
    CONVS,
    Fits,
    always,
    has_a_twin,
    has_groups,
    has_turning_kernel,
    in_a_plain_stage,
    is_dilated,
    is_square,
    keeps_shape,
    meets_the_border,
    of,
)
from mutation.onnx_edits import (
    File,
    OnnxEdit,
    another,
    attribute,
    biased,
    coarse,
    exchanged_momentum,
    flipped,
    hard_sigmoid,
    kept,
    left_out,
    left_out_stage,
    lrn_undivided,
    moved_stride,
    nearest,
    no_bias,
    number,
    operand,
    positions_first,
    reduced,
    relu,
    relu6,
    reversed_inputs,
    reversed_outputs,
    sigmoid,
    statistics,
    tanh_gelu,
    tied,
    weight,
    zeros_win,
)
from resdsl.codegen.runtime import training_form
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class OnnxFault:
    """One fault; `id` is that of the same fault in source, where there is one."""

    id: str
    means: str
    kinds: tuple[str, ...]
    edit: OnnxEdit
    fits: Fits = always
    cause: str | None = None
    #: What is wrong then, where that is not the node itself.
    paths: Callable[[Node, Graph], Iterable[str]] = lambda node, graph: [node.path]


def _first_of_block(node: Node, graph: Graph) -> list[str]:
    return [f"{node.path.rpartition('.')[0]}.conv1"]


def _stage(node: Node, graph: Graph) -> list[str]:
    stage = node.path.partition(".")[0]
    return [n.path for n in graph.nodes if n.path.startswith(f"{stage}.")]


def _eps(node: Node) -> float:
    return float(node.op.eps)  # type: ignore[attr-defined]


def _constant(value: float) -> Callable[[Node], float]:
    return lambda node: value


SAME = [0, 0, 1, 1]

ONNX_FAULTS = [
    OnnxFault("conv-same-padding", "TensorFlow's SAME padding at stride 2", CONVS,
              attribute(pads=SAME), meets_the_border, "padding"),
    OnnxFault("conv-symmetric-padding", "PyTorch's padding in place of TensorFlow's", CONVS,
              attribute(pads=[1, 1, 1, 1]), of(pad="tf_same", stride=2), "padding"),
    OnnxFault("conv-stride-moved", "a bottleneck's stride at the 1x1 convolution", ("conv",),
              moved_stride, lambda n, g: of(stride=2, kernel=3)(n, g) and has_groups(n, g),
              "stride", _first_of_block),
    OnnxFault("conv-flipped", "the kernel flipped, as in a true convolution", CONVS, flipped,
              has_turning_kernel, "flipped"),
    OnnxFault("conv-turned", "height and width of the kernel exchanged", CONVS,
              weight("Transpose", perm=[0, 1, 3, 2]), has_turning_kernel),
    OnnxFault("conv-in-out", "inputs and outputs of a square kernel exchanged", ("conv",),
              weight("Transpose", perm=[1, 0, 2, 3]), is_square),
    OnnxFault("conv-no-bias", "the bias left out", CONVS, no_bias, of(bias=True), "bias"),
    OnnxFault("conv-undilated", "the dilation left out", ("conv",),
              attribute(dilations=[1, 1], pads=[1, 1, 1, 1]), is_dilated, "dilation"),
    OnnxFault("conv-skipped", "a convolution silently never applied", CONVS, left_out,
              keeps_shape),
    OnnxFault("conv-float32", "one layer in float32", CONVS, coarse(onnx.TensorProto.FLOAT), always,
              "float32"),
    OnnxFault("conv-bfloat16", "one layer in bfloat16", CONVS, coarse(onnx.TensorProto.BFLOAT16),
              always, "bfloat16"),
    OnnxFault("conv-tied", "two layers share one weight", ("conv",), tied, has_a_twin),
    OnnxFault("linear-no-bias", "the bias left out", ("linear",), no_bias, of(bias=True), "bias"),
    OnnxFault("linear-transposed", "a square weight transposed", ("linear",),
              weight("Transpose", perm=[1, 0]), is_square),
    OnnxFault("linear-float32", "one layer in float32", ("linear",),
              coarse(onnx.TensorProto.FLOAT), always, "float32"),
    OnnxFault("bn-eps-keras", "epsilon 1e-3, as Keras has it", ("batch_norm",),
              number(_eps, _constant(1e-3)), of(eps=1e-5), "eps"),
    OnnxFault("bn-eps-slim", "epsilon 1.001e-5, as keras.applications has it", ("batch_norm",),
              number(_eps, _constant(1.001e-5)), of(eps=1e-5), "eps"),
    OnnxFault("bn-eps-torch", "epsilon 1e-5 where the network has 1e-3", ("batch_norm",),
              number(_eps, _constant(1e-5)), of(eps=1e-3), "eps"),
    OnnxFault("gn-eps", "epsilon 1e-3, as Keras has it", ("group_norm",),
              number(_eps, _constant(1e-3)), of(eps=1e-5), "eps"),
    OnnxFault("ln-eps-torch", "epsilon 1e-5, PyTorch's default", ("layer_norm",),
              number(_eps, _constant(1e-5)), of(eps=1e-6), "eps"),
    OnnxFault("bn-momentum-inverted", "momentum read the other way round", ("batch_norm",),
              exchanged_momentum, always, "momentum"),
    OnnxFault("bn-biased-statistics", "the running variance divided by n", ("batch_norm",),
              biased, of(variance="unbiased"), "variance"),
    OnnxFault("bn-not-updated", "statistics that stay as they were", ("batch_norm",),
              statistics(kept)),
    OnnxFault("max-pool-zeros", "padding with zeros, which win", ("max_pool",), zeros_win,
              of(kernel=3)),
    OnnxFault("global-pool-sum", "the sum over positions in place of the mean",
              ("global_avg_pool",), reduced("ReduceSum")),
    OnnxFault("global-pool-max", "the maximum in place of the mean", ("global_avg_pool",),
              reduced("ReduceMax")),
    OnnxFault("global-pool-mean", "the mean in place of the maximum", ("global_max_pool",),
              reduced("ReduceMean")),
    OnnxFault("upsample-nearest", "nearest in place of bilinear", ("upsample",), nearest,
              of(mode="bilinear"), "mode"),
    OnnxFault("activation-left-out", "an activation left out",
              ("relu", "relu6", "leaky_relu", "silu", "gelu", "tanh", "hard_swish"), left_out),
    OnnxFault("relu-relu6", "relu6 in place of relu", ("relu",), relu6),
    OnnxFault("relu6-relu", "relu in place of relu6", ("relu6",), relu),
    OnnxFault("leaky-slope", "a slope of 0.01, PyTorch's default", ("leaky_relu",),
              number(lambda n: n.op.slope, _constant(0.01))),  # type: ignore[attr-defined]
    OnnxFault("leaky-float32", "the slope went through float32", ("leaky_relu",),
              number(lambda n: n.op.slope, lambda n: float(np.float32(n.op.slope)))),  # type: ignore[attr-defined]
    OnnxFault("silu-relu", "relu in place of silu", ("silu",), relu),
    OnnxFault("gelu-tanh", "the approximation in place of the exact form", ("gelu",), tanh_gelu,
              of(approximate="none"), "approximate"),
    OnnxFault("sigmoid-hard", "ONNX's piecewise form in place of the sigmoid", ("sigmoid",),
              hard_sigmoid),
    OnnxFault("hard-sigmoid-keras", "a slope of 0.2, ONNX's default", ("hard_sigmoid",),
              hard_sigmoid),
    OnnxFault("hard-sigmoid-smooth", "the sigmoid in place of its piecewise form",
              ("hard_sigmoid",), sigmoid),
    OnnxFault("softmax-axis", "over a direction in place of the channels", ("softmax",),
              attribute(axis=2)),
    OnnxFault("lrn-alpha", "alpha not divided by the size", ("lrn",), lrn_undivided, always,
              "alpha"),
    OnnxFault("shortcut-dropped", "the shortcut left out", ("add",), operand(0)),
    OnnxFault("branch-dropped", "the branch left out", ("add",), operand(1)),
    OnnxFault("stage-left-out", "a stage that the model never applies", ("add",), left_out_stage,
              in_a_plain_stage, None, _stage),
    OnnxFault("difference-reversed", "a difference the other way round", ("sub",),
              reversed_inputs),
    OnnxFault("gate-added", "a gate that is added", ("mul",), another("Add")),
    OnnxFault("gate-left-out", "a gate that is not applied", ("mul",), operand(0)),
    OnnxFault("concat-reversed", "the parts of a concatenation the other way round", ("concat",),
              reversed_inputs),
    OnnxFault("split-reversed", "the parts of a split in another order", ("split",),
              reversed_outputs),
    OnnxFault("scale-left-out", "a layer scale that is not applied", ("scale",), operand(0)),
    OnnxFault("flatten-last", "flattened position by position (NHWC)", ("flatten",),
              positions_first),
    OnnxFault("offset-left-out", "the position embedding left out", ("offset",), operand(0)),
    OnnxFault("attend-unscaled", "logits that are not scaled", ("attend",),
              number(_constant(0.5), _constant(1.0))),
    OnnxFault("attend-axis", "a softmax over queries", ("attend",), attribute(axis=2)),
    OnnxFault("dropout-unscaled", "survivors are not scaled up", ("dropout",),
              number(lambda n: 1 - n.op.rate, _constant(1.0))),  # type: ignore[attr-defined]
    OnnxFault("drop-path-unscaled", "branches that survive are not scaled up", ("drop_path",),
              number(lambda n: 1 - n.op.rate, _constant(1.0))),  # type: ignore[attr-defined]
]  # fmt: skip


# ---- files ---------------------------------------------------------------------------------------


def write(source: Path, target: Path, fault: OnnxFault, node: Node, graph: Graph) -> None:
    """Write the file of a network, and its training form, with one fault."""
    changes = 0
    for form in (lambda path: path, training_form):
        file = File(onnx.load(form(source)), node, graph)
        fault.edit(file)
        changes += file.changes
        onnx.save(file.model, form(target))
    assert changes, f"{fault.id} changed nothing at {node.path}"
