"""The catalogue of faults: what a careful person gets wrong, or a framework does by default.

Each is applied to generated source (`edits`), by a call of a wrong version (`faulty`, `layers`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from mutation.edits import (
    Edit,
    Of,
    activated_before_sum,
    another_operand,
    argument,
    at_the_end,
    instead,
    layer,
    left_out,
    left_out_stage,
    moved_stride,
    result,
    reversed_operands,
    shortcut_from_input,
    tied,
    twins,
)
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass

Fits: TypeAlias = Callable[[Node, Graph], bool]

CONVS = ("conv", "depthwise")
WEIGHTED = (*CONVS, "linear")
ACTIVATIONS = ("relu", "relu6", "leaky_relu", "silu", "gelu", "tanh", "hard_swish")


def always(node: Node, graph: Graph) -> bool:
    return True


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """One fault. `kinds` are the operations that can have it, `fits` says which of them do.

    What the harness calls it is said in `expected`.
    """

    id: str
    means: str
    kinds: tuple[str, ...]
    edit: Edit
    fits: Fits = always
    is_layer: bool = False
    #: Whether every instance of the statement must fit, since all of them are changed.
    all_fit: bool = False


def of(**values: Any) -> Fits:
    """Operations with these attributes; a set of values is any of them."""

    def fits(node: Node, graph: Graph) -> bool:
        for name, wanted in values.items():
            found = getattr(node.op, name)
            if found not in (wanted if isinstance(wanted, set) else {wanted}):
                return False
        return True

    return fits


def keeps_shape(node: Node, graph: Graph) -> bool:
    return graph.types[node.inputs[0]] == graph.types[node.output]


def is_square(node: Node, graph: Graph) -> bool:
    """Whether its weight has as many inputs as outputs."""
    shape = next(w.weight.shape for w in graph.weights if w.node is node)
    return shape[0] == shape[1] and shape[0] > 1


def meets_the_border(node: Node, graph: Graph) -> bool:
    """A 3x3 window at stride 2 on an even size: where padding rules differ."""
    even = graph.types[node.inputs[0]].numbers[1] % 2 == 0
    return even and of(kernel=3, stride=2, pad="same")(node, graph)


def overlaps(node: Node, graph: Graph) -> bool:
    """Whether an adaptive pool's windows do."""
    return graph.types[node.inputs[0]].numbers[1] % node.op.size != 0  # type: ignore[attr-defined]


def has_turning_kernel(node: Node, graph: Graph) -> bool:
    return isinstance(node.op.kernel, int) and node.op.kernel > 1  # type: ignore[attr-defined]


def is_dilated(node: Node, graph: Graph) -> bool:
    return node.op.dilation != 1  # type: ignore[attr-defined]


def has_groups(node: Node, graph: Graph) -> bool:
    return node.op.groups > 1  # type: ignore[attr-defined]


def has_a_twin(node: Node, graph: Graph) -> bool:
    return bool(twins(node, graph))


def in_a_plain_stage(node: Node, graph: Graph) -> bool:
    """Whether the stage around it leaves the shape as it is."""
    stage, dot, _ = node.path.partition(".")
    own = [n for n in graph.nodes if n.path.startswith(f"{stage}.")]
    return bool(dot) and graph.types[own[0].inputs[0]] == graph.types[own[-1].output]


def is_on_image(node: Node, graph: Graph) -> bool:
    return graph.types[node.inputs[0]].rank == 2


def both(*conditions: Fits) -> Fits:
    return lambda node, graph: all(condition(node, graph) for condition in conditions)


def _of_layers(*faults: tuple[Any, ...]) -> list[Fault]:
    return [replace(Fault(*fault), is_layer=True) for fault in faults]


CONVOLUTIONS = _of_layers(
    ("conv-same-padding", "TensorFlow's SAME padding at stride 2", CONVS, layer("same_padding"),
     meets_the_border),
    ("conv-symmetric-padding", "PyTorch's padding in place of TensorFlow's", CONVS,
     layer("symmetric_padding"), of(pad="tf_same", stride=2)),
    ("conv-stride-moved", "a bottleneck's stride at the 1x1 convolution", ("conv",), moved_stride,
     both(of(stride=2, kernel=3), has_groups)),
    ("conv-flipped", "the kernel flipped, as in a true convolution", CONVS, layer("flipped"),
     has_turning_kernel),
    ("conv-turned", "height and width of the kernel exchanged", CONVS, layer("turned_kernel"),
     has_turning_kernel),
    ("conv-in-out", "inputs and outputs of a square kernel exchanged", ("conv",),
     layer("transposed"), is_square, True, True),
    ("conv-no-bias", "the bias left out", CONVS, layer("without_bias"), of(bias=True)),
    ("conv-extra-bias", "a bias that the network does not have", CONVS,
     layer("extra_bias", 0.01), of(bias=False)),
    ("conv-undilated", "the dilation left out", ("conv",), layer("undilated"), is_dilated),
    ("conv-dealt-groups", "channels fall into groups in turn, not in blocks", ("conv",),
     layer("dealt_inputs", Of("groups")), has_groups),
    ("conv-skipped", "a convolution silently never applied", CONVS, layer("skipped"), keeps_shape,
     True, True),
    ("conv-bfloat16", "one layer in bfloat16", CONVS, layer("coarse", "bfloat16"), always),
    ("conv-float32", "one layer in float32", CONVS, layer("coarse", "float32"), always),
    ("conv-tf32", "one layer on tensor cores (TF32)", CONVS, layer("on_tensor_cores"), always),
    ("conv-frozen", "a weight that is never trained", CONVS, layer("frozen_weight"), always),
    ("conv-tied", "two layers share one weight", ("conv",), tied, has_a_twin),
    ("depthwise-order", "the channels of a multiplier in another order", ("depthwise",),
     layer("dealt_outputs", 2), of(multiplier=2)),
    ("transposed-conv-flipped", "the kernel of a transposed convolution flipped",
     ("conv_transpose",), layer("flipped"), always),
    ("transposed-conv-no-bias", "the bias of a transposed convolution left out",
     ("conv_transpose",), layer("without_bias"), of(bias=True)),
    ("channel-conv-flipped", "the kernel over channels flipped", ("channel_conv",),
     layer("flipped"), always),
    ("standardize-eps", "standardisation by another epsilon", ("conv",),
     layer("standardized", 1e-5, 0), of(standardize=True)),
    ("standardize-unbiased", "standardisation by n - 1", ("conv",),
     layer("standardized", 1e-8, 1), of(standardize=True)),
    ("linear-no-bias", "the bias left out", ("linear",), layer("without_bias"), of(bias=True)),
    ("linear-transposed", "a square weight transposed", ("linear",), layer("transposed"),
     is_square, True, True),
    ("linear-float32", "one layer in float32", ("linear",), layer("coarse", "float32"), always),
    ("linear-frozen-bias", "a bias that is never trained", ("linear",), layer("frozen_bias"),
     of(bias=True)),
)  # fmt: skip

NORMS = _of_layers(
    ("bn-eps-keras", "epsilon 1e-3, as Keras has it", ("batch_norm",), layer("eps", 1e-3),
     of(eps=1e-5)),
    ("bn-eps-late", "epsilon 1e-3 in one late layer alone", ("batch_norm",),
     at_the_end("eps", 1e-3), of(eps=1e-5)),
    ("bn-eps-torch", "epsilon 1e-5 where the network has 1e-3", ("batch_norm",),
     layer("eps", 1e-5), of(eps=1e-3)),
    ("bn-eps-slim", "epsilon 1.001e-5, as keras.applications has it", ("batch_norm",),
     layer("eps", 1.001e-5), of(eps=1e-5)),
    ("bn-momentum-inverted", "momentum read the other way round", ("batch_norm",),
     layer("momentum", 0.9), of(momentum=0.1)),
    ("bn-momentum-keras", "momentum 0.99, as Keras has it", ("batch_norm",),
     layer("momentum", 0.01), of(momentum=0.1)),
    ("bn-momentum-late", "the momentum of one late layer inverted", ("batch_norm",),
     at_the_end("momentum", 0.9), of(momentum=0.1)),
    ("bn-momentum-float32", "the momentum went through float32", ("batch_norm",),
     layer("rounded_momentum"), always),
    ("bn-biased-statistics", "the running variance divided by n", ("batch_norm",),
     layer("biased_statistics"), of(variance="unbiased")),
    ("bn-unbiased-batch", "the batch's own variance divided by n - 1", ("batch_norm",),
     layer("unbiased_batch"), always),
    ("bn-detached", "no gradient through mean and variance", ("batch_norm",),
     layer("detached_batch"), always),
    ("bn-never-training", "running statistics while training", ("batch_norm",),
     layer("never_training"), always),
    ("bn-always-training", "the batch's statistics in evaluation", ("batch_norm",),
     layer("always_training"), always),
    ("bn-not-updated", "statistics that stay as they were", ("batch_norm",),
     layer("not_updated"), always),
    ("bn-updated-twice", "statistics that take each batch twice", ("batch_norm",),
     layer("updated_twice"), always),
    ("bn-no-scale", "the scale left out", ("batch_norm",), layer("without_scale"), always),
    ("bn-no-shift", "the shift left out", ("batch_norm",), layer("without_bias"), always),
    ("bn-frozen-scale", "a scale that is never trained", ("batch_norm",),
     layer("frozen_weight"), always),
    ("gn-groups", "one group in place of two", ("group_norm",), layer("groups", 1), of(groups=2)),
    ("gn-eps", "epsilon 1e-3, as Keras has it", ("group_norm",), layer("eps", 1e-3), of(eps=1e-5)),
    ("gn-dealt", "channels fall into groups in turn", ("group_norm",),
     layer("dealt_groups", Of("groups")), has_groups),
    ("ln-eps-torch", "epsilon 1e-5, PyTorch's default", ("layer_norm",), layer("eps", 1e-5),
     of(eps=1e-6)),
    ("ln-eps-keras", "epsilon 1e-3, as Keras has it", ("layer_norm",), layer("eps", 1e-3),
     of(eps=1e-6)),
    ("ln-unbiased", "the variance divided by n - 1", ("layer_norm",),
     layer("unbiased_channels"), always),
    ("ln-everything", "normalised over channels and positions", ("layer_norm",),
     layer("over_everything"), is_on_image),
)  # fmt: skip

POOLS = [
    Fault("max-pool-same", "TensorFlow's SAME padding", ("max_pool",),
          instead("max_pool", 3, 2, 0, 1), meets_the_border),
    Fault("max-pool-zeros", "padding with zeros, which win", ("max_pool",),
          instead("zero_padded_max_pool", 3, Of("stride"), 1), of(kernel=3)),
    Fault("max-pool-average", "a mean in place of a maximum", ("max_pool",),
          instead("avg_pool", Of("kernel"), 2, 0), of(kernel=2, ceil=False)),
    Fault("max-pool-floor", "the window over the edge left out", ("max_pool",),
          instead("max_pool", 2, 2, 0, 0), of(ceil=True)),
    Fault("avg-pool-counted", "padding counts in the mean", ("avg_pool",),
          instead("avg_pool", 3, 1, 1), of(count_pad=False)),
    Fault("avg-pool-uncounted", "padding does not count in the mean", ("avg_pool",),
          layer("pool", "uncounted_avg_pool", 3, 2, 1), of(kernel=3, stride=2),
          is_layer=True),
    Fault("avg-pool-max", "a maximum in place of a mean", ("avg_pool",),
          instead("max_pool", 2, 2, 0, 0), of(kernel=2)),
    Fault("global-pool-sum", "the sum over positions in place of the mean", ("global_avg_pool",),
          instead("global_sum", Of("keep"))),
    Fault("global-pool-max", "the maximum in place of the mean", ("global_avg_pool",),
          instead("global_max", Of("keep"))),
    Fault("global-pool-mean", "the mean in place of the maximum", ("global_max_pool",),
          instead("global_mean", Of("keep"))),
    Fault("adaptive-pool-even", "windows that do not overlap", ("adaptive_avg_pool",),
          instead("even_adaptive", Of("size")), overlaps),
    Fault("blur-box", "a mean in place of binomial weights", ("blur_pool",),
          instead("blur", (1.0, 1.0, 1.0), "reflect")),
    Fault("blur-zeros", "zeros beyond the edge in place of the mirrored image", ("blur_pool",),
          instead("blur", (1.0, 2.0, 1.0), "constant")),
    Fault("blur-edge", "the edge repeated where the image is mirrored", ("blur_pool",),
          instead("blur", (1.0, 2.0, 1.0), "edge")),
    Fault("subsample-phase", "every second position from the second one on", ("subsample",),
          instead("subsampled", Of("by"), 1), of(by=2)),
    Fault("upsample-aligned", "corners on each other (`align_corners`)", ("upsample",),
          instead("aligned_upsample", 2), of(mode="bilinear")),
    Fault("upsample-nearest", "nearest in place of bilinear", ("upsample",),
          instead("nearest_upsample", 2), of(mode="bilinear")),
    Fault("upsample-linear", "bilinear in place of nearest", ("upsample",),
          instead("linear_upsample", 2, operands=1), of(mode="nearest")),
]  # fmt: skip

ACTIVATION_FAULTS = [
    Fault("activation-left-out", "an activation left out", ACTIVATIONS, instead("identity")),
    Fault("relu-relu6", "relu6 in place of relu", ("relu",), instead("relu6")),
    Fault("relu6-relu", "relu in place of relu6", ("relu6",), instead("relu")),
    Fault("relu-before-sum", "the activation before the sum", ("relu",), activated_before_sum,
          lambda n, g: g.nodes[g.nodes.index(n) - 1].op.name == "add"),
    Fault("leaky-slope", "a slope of 0.01, PyTorch's default", ("leaky_relu",),
          instead("leaky", 0.01)),
    Fault("leaky-slope-keras", "a slope of 0.3, Keras's default", ("leaky_relu",),
          instead("leaky", 0.3)),
    Fault("leaky-float32", "the slope went through float32", ("leaky_relu",),
          instead("rounded_leaky", Of("slope"))),
    Fault("silu-relu", "relu in place of silu", ("silu",), instead("relu")),
    Fault("gelu-tanh", "the approximation in place of the exact form", ("gelu",),
          instead("tanh_gelu"), of(approximate="none")),
    Fault("gelu-exact", "the exact form in place of the approximation", ("gelu",),
          instead("gelu"), of(approximate="tanh")),
    Fault("gelu-quick", "x * sigmoid(1.702 x)", ("gelu",), instead("silu", 1.702)),
    Fault("gelu-float32", "a constant went through float32, as in TensorFlow's own", ("gelu",),
          instead("rounded_gelu"), of(approximate="none")),
    Fault("hard-swish-silu", "silu in place of its piecewise form", ("hard_swish",),
          instead("silu")),
    Fault("sigmoid-hard", "the piecewise form in place of the sigmoid", ("sigmoid",),
          instead("hard_sigmoid")),
    Fault("hard-sigmoid-smooth", "the sigmoid in place of its piecewise form", ("hard_sigmoid",),
          instead("sigmoid")),
    Fault("hard-sigmoid-keras", "a slope of 0.2, as Keras 2 has it", ("hard_sigmoid",),
          instead("keras_hard_sigmoid")),
    Fault("tanh-hard", "the piecewise form in place of tanh", ("tanh",), instead("hard_tanh")),
    Fault("softmax-axis", "over a direction in place of the channels", ("softmax",),
          instead("softmax_over", 1)),
    Fault("lrn-alpha", "alpha not divided by the size, as in the paper and TensorFlow", ("lrn",),
          instead("lrn", Of("size"), Of("alpha"), Of("beta"), Of("k")), always),
    Fault("lrn-k", "k = 1 in place of the network's 2", ("lrn",),
          instead("lrn", Of("size"), 0.1, Of("beta"), 1.0), of(k=2, alpha=0.5, size=5)),
    Fault("lrn-size", "a window of three channels", ("lrn",),
          instead("lrn", 3, 0.5 / 3, Of("beta"), Of("k")), of(alpha=0.5, size=5)),
    Fault("gradient-scaled", "a gradient of half its size", ACTIVATIONS, result("damped", 0.5)),
    Fault("gradient-stopped", "no gradient comes through", ("silu", "relu", "tanh", "gelu"),
          result("stop")),
]  # fmt: skip

JOINS = [
    Fault("shortcut-dropped", "the shortcut left out", ("add",), instead("identity")),
    Fault("branch-dropped", "the branch left out", ("add",), instead("second")),
    Fault("sum-halved", "the mean of branch and shortcut", ("add",), instead("half_sum")),
    Fault("branch-scaled", "the branch scaled by 0.1", ("add",), instead("scaled_sum", 0.1)),
    Fault("shortcut-stopped", "no gradient comes through the shortcut", ("add",),
          instead("stopped_shortcut")),
    Fault("shortcut-place", "a shortcut that starts before the first norm", ("add",),
          shortcut_from_input, lambda n, g: n.path.endswith("layer2.0.add1")),
    Fault("stage-left-out", "a stage that the model never applies", ("add",), left_out_stage,
          in_a_plain_stage),
    Fault("difference-reversed", "a difference the other way round", ("sub",),
          instead("reversed_difference")),
    Fault("gate-added", "a gate that is added", ("mul",), instead("sum_of")),
    Fault("gate-left-out", "a gate that is not applied", ("mul",), instead("identity")),
    Fault("concat-reversed", "the parts of a concatenation the other way round", ("concat",),
          reversed_operands),
    Fault("tap-wrong", "one tensor added twice, another one never", ("add",),
          another_operand(1, 0), lambda n, g: n.path == "add1"),
    Fault("split-reversed", "the parts of a split in another order", ("split",),
          result("reversed_list")),
    Fault("scale-left-out", "a layer scale that is not applied", ("scale",), left_out),
    Fault("flatten-last", "flattened position by position (NHWC)", ("flatten",),
          argument("flattened_last")),
    Fault("patches-turned", "patches column by column", ("reshape",), argument("turned")),
    Fault("token-last", "the class token behind the others", ("token",), result("rolled", 1)),
    Fault("offset-left-out", "the position embedding left out", ("offset",), left_out),
    Fault("pick-last", "the last position in place of the class token", ("pick",),
          instead("picked", -1)),
    Fault("pick-mean", "the mean of all positions in place of the class token", ("pick",),
          instead("mean_position")),
    Fault("attend-unscaled", "logits that are not scaled", ("attend",),
          instead("unscaled_attend", Of("heads"))),
    Fault("attend-width", "logits scaled by all channels, not a head's", ("attend",),
          instead("width_scaled_attend", Of("heads"))),
    Fault("attend-axis", "a softmax over queries", ("attend",),
          instead("query_softmax_attend", Of("heads"))),
    Fault("attend-dealt", "channels fall to heads in turn", ("attend",),
          instead("dealt_attend", Of("heads"))),
    Fault("attend-swapped", "query and key exchanged", ("attend",),
          instead("swapped_attend", Of("heads"))),
]  # fmt: skip

STOCHASTIC = _of_layers(
    ("dropout-rate", "a rate half as large", ("dropout",), layer("rate", 0.5), always),
    ("dropout-unscaled", "survivors are not scaled up", ("dropout",), layer("unscaled"), always),
    ("dropout-left-out", "no dropout", ("dropout",), layer("nothing"), always),
    ("drop-path-rate", "a rate half as large", ("drop_path",), layer("rate", 0.5), always),
    ("drop-path-unscaled", "branches that survive are not scaled up", ("drop_path",),
     layer("unscaled"), always),
    ("drop-path-entries", "entries dropped one by one, not samples", ("drop_path",),
     layer("entrywise"), always),
)  # fmt: skip

SOURCE_FAULTS: list[Fault] = [
    *CONVOLUTIONS, *NORMS, *POOLS, *ACTIVATION_FAULTS, *JOINS, *STOCHASTIC,
]  # fmt: skip
