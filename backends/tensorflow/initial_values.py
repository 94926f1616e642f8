"""Initial values: written once in the file's own `Conv2D` and `Dense` where all layers of a kind
agree, else given to each layer.

An initializer of Keras without a seed draws the same numbers whenever it is called again, so no two
layers may share one: names stand for fresh ones, functions at module level make them.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Keyword
from resdsl.codegen.python.operations import family, initial
from resdsl.codegen.python.target import FileUses
from resdsl.diagnostics import Span, error
from resdsl.ops import Constant, Initializer, Normal, Uniform, VarianceScaling
from resdsl.records import dataclass, field

_INITIALIZERS = "keras.initializers"
#: What Keras calls by a name. Its normal ones are truncated, unless it is said otherwise.
_NAMED: dict[Initializer, str] = {
    Constant(0.0): "zeros",
    Constant(1.0): "ones",
    VarianceScaling(1.0, "average", "uniform"): "glorot_uniform",
    VarianceScaling(1.0, "average", "normal", True): "glorot_normal",
    VarianceScaling(2.0, "in", "uniform"): "he_uniform",
    VarianceScaling(2.0, "in", "normal", True): "he_normal",
    VarianceScaling(1.0, "in", "uniform"): "lecun_uniform",
    VarianceScaling(1.0, "in", "normal", True): "lecun_normal",
}
#: What stands for a kind in the names of constants, where that is not its own name.
_CONSTANTS = {"conv_transpose": "transpose"}
_FANS = {"in": "fan_in", "out": "fan_out", "average": "fan_avg"}


@dataclass(frozen=True, slots=True)
class Draw:
    """An initializer of Keras: a class of `keras.initializers` with its arguments."""

    class_name: str
    arguments: str

    def __str__(self) -> str:
        return f"{_INITIALIZERS}.{self.class_name}({self.arguments})"

    def factory(self) -> str:
        """A function that makes a fresh one."""
        return f"partial({_INITIALIZERS}.{self.class_name}, {self.arguments})"


def draw_of(initializer: Initializer) -> Draw | str:
    """How Keras draws from a distribution; a name in quotes where it has one."""
    if initializer in _NAMED:
        return f'"{_NAMED[initializer]}"'
    match initializer:
        case Constant(value=value):
            return Draw("Constant", repr(value))
        case Normal(std=std, mean=mean, truncated=truncated):
            around = f"mean={mean!r}, " if mean else ""
            kind = "TruncatedNormal" if truncated else "RandomNormal"
            return Draw(kind, f"{around}stddev={std!r}")
        case Uniform(low=low, high=high):
            return Draw("RandomUniform", f"{low!r}, {high!r}")
        case VarianceScaling(scale=scale, fan=fan, distribution=kind, truncated=truncated):
            if kind == "normal":
                kind = "truncated_normal" if truncated else "untruncated_normal"
            return Draw("VarianceScaling", f'{_number(scale)}, "{_FANS[fan]}", "{kind}"')
    raise error("R0502", f"the tensorflow backend has no rule for {initializer!r}")


def _number(value: float) -> str:
    return "1 / 3" if value == 1 / 3 else repr(value)


@dataclass(slots=True)
class Starts:
    """What the layers of one kind start from: the distinct values over the whole file."""

    kernels: set[Initializer] = field(default_factory=set)
    #: With the place of the first layer of each.
    biases: dict[Initializer, Span | None] = field(default_factory=dict)

    @property
    def kernel(self) -> Initializer | None:
        """The start of every kernel, if there is but one."""
        return next(iter(self.kernels)) if len(self.kernels) == 1 else None

    @property
    def bias(self) -> Initializer | None:
        """The start of every bias, if there is but one."""
        return next(iter(self.biases)) if len(self.biases) == 1 else None

    @property
    def scaled_bias(self) -> VarianceScaling | None:
        """The start of biases that scales by their layer's fans, which Keras does not tell them."""
        scaled = [b for b in self.biases if isinstance(b, VarianceScaling)]
        if len(scaled) > 1:
            raise error(
                "R0503",
                "source code cannot be generated for biases of two scaled distributions",
                self.biases[scaled[1]],
                help="give all but one sort of biases a fixed spread: `normal(0.01)`",
            )
        return scaled[0] if scaled else None

    @property
    def unlike_keras(self) -> bool:
        """Whether there is a start to say once, as it is not the one that Keras takes anyway."""
        if self.scaled_bias is not None:
            return True
        return any(
            start is not None and draw_of(start) != f'"{default}"'
            for start, default in ((self.kernel, "glorot_uniform"), (self.bias, "zeros"))
        )


class InitialValues:
    """What the layers of a file start from. `owned` are the kinds whose class in the file knows."""

    def __init__(self, layers: Sequence[OpLayer]) -> None:
        self.by_kind = {kind: Starts() for kind in ("conv", "conv_transpose", "linear")}
        self.owned: set[str] = set()
        for layer in layers:
            starts = self.by_kind.get(family(layer.op))
            if starts is None:
                continue
            starts.kernels.add(initial(layer.op, "init"))
            if _may_have_bias(layer.op):
                starts.biases.setdefault(initial(layer.op, "bias_init"), layer.op.span)

    def arguments(self, op: SymbolicOp, uses: FileUses) -> list[Keyword]:
        """The initializers that a layer is given where it is made."""
        kind = family(op)
        if kind in ("batch_norm", "group_norm", "layer_norm"):
            return [
                *_given("gamma_initializer", initial(op, "init"), "ones", "norm_init", uses),
                *_given("beta_initializer", initial(op, "bias_init"), "zeros", "norm_init", uses),
            ]
        if kind == "channel_conv":
            start, wanted = initial(op, "init"), "channel_conv_init"
            return _given("kernel_initializer", start, "glorot_uniform", wanted, uses)
        starts = self.by_kind[kind]
        constant = _CONSTANTS.get(kind, kind)
        known = kind in self.owned
        found: list[Keyword] = []
        if not (known and starts.kernel is not None):
            found += _given(
                "kernel_initializer",
                initial(op, "init"),
                "glorot_uniform",
                f"{constant}_init",
                uses,
            )
        if _may_have_bias(op) and not (known and starts.bias is not None):
            value = initial(op, "bias_init")
            if value != starts.scaled_bias:
                # Where some biases scale, the file's own class takes no argument to mean that.
                taken = "zeros" if starts.scaled_bias is None else ""
                found += _given("bias_initializer", value, taken, f"{constant}_bias_init", uses)
        return found


def _may_have_bias(op: SymbolicOp) -> bool:
    return any(getattr(i.op, "bias", False) for i in op.instances)


def _given(
    name: str, value: Initializer, default: str, wanted: str, uses: FileUses
) -> list[Keyword]:
    """An initializer by name, left out where it is Keras's own."""
    draw = draw_of(value)
    if draw == f'"{default}"':
        return []
    if isinstance(draw, str):
        return [Keyword(name, draw)]
    uses.imports.add("from functools import partial")
    return [Keyword(name, f"{uses.constant(wanted, draw.factory())}()")]
