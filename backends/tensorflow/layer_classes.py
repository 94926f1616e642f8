"""`Conv2D` (for other ranks, `Conv1D` and `Conv3D`) and `Dense` of a generated file: Keras's own,
with what they lack and the file needs."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import ModulePlan, OpLayer
from resdsl.codegen.python.layers import layers_of
from resdsl.codegen.python.layout import Group, layout
from resdsl.codegen.python.operations import ONE, family, is_one, is_zero, padding, rank
from resdsl.codegen.python.target import FileUses
from resdsl.ops.conv import Convolution, ConvTranspose
from resdsl.ops.initializers import TORCH_DEFAULT
from resdsl.ops.windows import each
from resdsl.records import dataclass

from .initial_values import Draw, InitialValues, Starts, draw_of

_AREA = "math.prod(self.kernel_size)"
_CONV_FANS = (f"({_AREA} * input_shape[-1] // self.groups)", f"({_AREA} * self.filters)")
_DENSE_FANS = ("input_shape[-1]", "self.units")
_TRANSPOSED_FANS = (f"({_AREA} * self.filters)", f"({_AREA} * input_shape[-1])")
_EXACT_FANS = (f"({_AREA} * self.filters // self.groups)", f"({_AREA} * input_shape[-1])")
_PADS = 'Pads by numbers: how much Keras\'s "same" pads depends on the size of the input.'
_STARTS = "A convolution that starts as all of this network do."
_TRANSPOSED = "A transposed convolution that starts as all of this network do."
_AS_TORCH = "A dense layer that starts as PyTorch's do."
_BIASED = "A dense layer whose bias starts by its fans."
_PADDING = """
def compute_output_shape(self, input_shape):
    return super().compute_output_shape(self.frame.compute_output_shape(input_shape))

def call(self, inputs):
    return super().call(self.frame(inputs))
"""


@dataclass(frozen=True, slots=True)
class Style:
    """What the layers of a file have in common: where they start, whether some convolutions have
    padding in numbers and some by Keras's name, and the names of their classes."""

    values: InitialValues
    #: For each rank: how its convolutions are told their padding.
    paddings: dict[int, set[type]]
    #: The ranks of transposed convolutions, and of those that Keras cannot say.
    transposes: dict[int, bool]
    dense: str

    def conv(self, rank: int) -> str:
        """The class of convolutions over that many dimensions."""
        own = "conv" in self.values.owned
        return f"Conv{rank}D" if own else f"layers.Conv{rank}D"

    @property
    def weighty(self) -> list[str]:
        """Keras's classes of all convolutions in the file."""
        found = [f"layers.Conv{rank}D" for rank in self.paddings]
        return [*found, *(f"layers.Conv{rank}DTranspose" for rank in self.transposes)]

    def transposed(self, rank: int) -> str:
        """The class of transposed convolutions over that many dimensions."""
        name = f"Conv{rank}DTranspose"
        if "conv_transpose" in self.values.owned:
            return name
        return f"Exact{name}" if self.transposes[rank] else f"layers.{name}"


def style_of(plan: ModulePlan) -> Style:
    """Look at all layers of a file."""
    found = layers_of(plan)
    values = InitialValues(found)
    convs = [layer for layer in found if family(layer.op) == "conv"]
    transposes: dict[int, bool] = {}
    for layer in found:
        if layer.op.kind is ConvTranspose:
            axes = rank(layer.op)
            transposes[axes] = transposes.get(axes, False) or _is_beyond_keras(layer)
    paddings: dict[int, set[type]] = {}
    for layer in convs:
        paddings.setdefault(rank(layer.op), set()).add(_padding(layer))
    if int in set().union(*paddings.values()) or (convs and values.by_kind["conv"].unlike_keras):
        values.owned.add("conv")
    if transposes and values.by_kind["conv_transpose"].unlike_keras:
        values.owned.add("conv_transpose")
    if values.by_kind["linear"].scaled_bias is not None:
        values.owned.add("linear")
    return Style(
        values,
        dict(sorted(paddings.items())),
        dict(sorted(transposes.items())),
        "Dense" if "linear" in values.owned else "layers.Dense",
    )


def _padding(layer: OpLayer) -> type:
    """How a convolution is told its padding: in numbers, by a name, or not at all."""
    pads = padding(layer.op)
    if pads.is_none:
        return type(None)
    return int if pads.sides is not None or has_stride_and_dilation(layer) else str


def _is_beyond_keras(layer: OpLayer) -> bool:
    """Whether a transposed convolution has what Keras's has not: a padding in numbers, groups; a
    dilation, which TensorFlow does not compute on a CPU; a stride larger than its kernel, where
    Keras's result is longer."""
    ops = [i.op for i in layer.op.instances if isinstance(i.op, ConvTranspose)]
    told = all(is_zero(layer.op, n) for n in ("pad", "output_pad"))
    plain = told and is_one(layer.op, "dilation") and layer.op.attributes["groups"] == ONE
    return not plain or any(max(each(o.stride, 1)) > min(each(o.kernel, 1)) for o in ops)


def has_stride_and_dilation(layer: OpLayer) -> bool:
    """Whether a convolution has both, which Keras refuses."""
    ops = [i.op for i in layer.op.instances if isinstance(i.op, Convolution)]
    return any(max(each(o.stride, 1)) > 1 and max(each(o.dilation, 1)) > 1 for o in ops)


# ---- source --------------------------------------------------------------------------------------


def layer_classes(style: Style, uses: FileUses) -> list[str]:
    """The classes that the file has of its own, as sections of source."""
    found = []
    if "conv" in style.values.owned:
        starts = style.values.by_kind["conv"]
        if starts.scaled_bias is not None:
            uses.imports.add("import math")
        for axes, told in style.paddings.items():
            pads = int in told
            methods = [
                _init(starts, ("filters", "kernel_size"), *_frame(axes, told)),
                _build(starts, _CONV_FANS),
                _PADDING.strip().split("\n") if pads else [],
            ]
            found.append(_class(f"Conv{axes}D", _PADS if pads else _STARTS, methods))
    if "conv_transpose" in style.values.owned:
        starts = style.values.by_kind["conv_transpose"]
        if starts.scaled_bias is not None:
            uses.imports.add("import math")
        for axes, is_beyond in style.transposes.items():
            name = f"Conv{axes}DTranspose"
            fans = _EXACT_FANS if is_beyond else _TRANSPOSED_FANS
            methods = [_init(starts, ("filters", "kernel_size")), _build(starts, fans)]
            base = f"Exact{name}" if is_beyond else f"layers.{name}"
            found.append(_class(name, _TRANSPOSED, methods, base))
    if "linear" in style.values.owned:
        starts = style.values.by_kind["linear"]
        alike = starts.kernels == set(starts.biases) == {TORCH_DEFAULT}
        methods = [_init(starts, ("units",)), _build(starts, _DENSE_FANS)]
        found.append(_class("Dense", _AS_TORCH if alike else _BIASED, methods))
    return found


def _class(name: str, doc: str, methods: Sequence[Sequence[str]], base: str = "") -> str:
    lines = [f"class {name}({base or f'layers.{name}'}):", f'    """{doc}"""']
    for method in methods:
        lines += ["", *(f"    {line}" if line else "" for line in method)] if method else []
    return "\n".join(lines)


def _frame(rank: int, told: set[type]) -> tuple[list[str], list[str]]:
    """Where the padding goes: arguments of the base's constructor, and statements after it."""
    if int not in told:
        return [], []
    named = str in told
    given = '0 if padding == "same" else padding' if named else "padding"
    sides = "[frame.padding]" if rank == 1 else "list(frame.padding)"
    return ['padding="same" if padding == "same" else "valid"'] if named else [], [
        f"frame = layers.ZeroPadding{rank}D({given})",
        "reach = [d * (k - 1) for d, k in zip(self.dilation_rate, self.kernel_size, strict=True)]",
        f"if max(self.strides) == 1 and {sides} == [(r // 2, r - r // 2) for r in reach]:",
        '    self.padding = "same"  # without a stride, it is these numbers, and makes no copy',
        'self.frame = frame if padding and self.padding == "valid" else layers.Identity()',
    ]


def _init(
    starts: Starts,
    arguments: tuple[str, ...],
    passed: Sequence[str] = (),
    after: Sequence[str] = (),
) -> list[str]:
    """The constructor: what all layers start from, and statements of the class's own."""
    parameters = ["padding=0"] if after else []
    given, before = list(passed), []
    for name, start, default in (
        ("kernel_initializer", starts.kernel, "glorot_uniform"),
        ("bias_initializer", starts.bias, "zeros"),
    ):
        if start is None or start == starts.scaled_bias:
            continue
        draw = draw_of(start)
        if isinstance(draw, Draw):  # too long for an argument
            local = name.partition("_")[0]
            before.append(f"{local} = {draw}")
            draw = local
        if draw != f'"{default}"':
            given.append(f"{name}={draw}")
    if starts.scaled_bias is not None and starts.bias is None:
        parameters.append("bias_initializer=None")
        given.append("bias_initializer=bias_initializer")
    if not given and not after:
        return []
    body = [*before, *_call_of_base((*arguments, *given, "**options")), *after]
    signature = ", ".join(["self", *arguments, *parameters, "**options"])
    return [f"def __init__({signature}):", *(f"    {line}" for line in body)]


def _call_of_base(items: tuple[str, ...]) -> list[str]:
    deep = layout(Group("super().__init__(", items), 2)
    return [line.removeprefix("        ") for line in deep]


def _build(starts: Starts, fans: tuple[str, str]) -> list[str]:
    """`build`: the first place that knows a layer's fans, by which its bias starts."""
    value = starts.scaled_bias
    if value is None:
        return []
    names, drawn = {"in": fans[0], "out": fans[1]}, value.distribution
    fan = names.get(value.fan, f"(({fans[0]} + {fans[1]}) / 2)")
    if drawn == "uniform":
        # PyTorch's own start has a third of a unit's variance, so that the bound is plain.
        root = f"({3 * value.scale!r} / {fan}) ** 0.5"
        lines = [f"limit = {fan} ** -0.5" if value == TORCH_DEFAULT else f"limit = {root}"]
        draw = "keras.initializers.RandomUniform(-limit, limit)"
    else:
        cut = f" / {value.TRUNCATED_STD!r}" if value.truncated else ""
        lines = [f"spread = ({value.scale!r} / {fan}) ** 0.5{cut}"]
        kind = "TruncatedNormal" if value.truncated else "RandomNormal"
        draw = f"keras.initializers.{kind}(stddev=spread)"
    if starts.kernel == value:
        lines.append(f"self.kernel_initializer = {draw}")
    if starts.bias is None:
        lines += ["if self.bias_initializer is None:", f"    self.bias_initializer = {draw}"]
    else:
        lines.append(f"self.bias_initializer = {draw}")
    doc = '"""Start by the number of inputs (or outputs), which Keras tells no bias."""'
    if value == TORCH_DEFAULT:
        doc = '"""Start by the number of inputs, which Keras tells no bias."""'
    body = [doc, *lines, "super().build(input_shape)"]
    return ["def build(self, input_shape):", *(f"    {line}" for line in body)]
