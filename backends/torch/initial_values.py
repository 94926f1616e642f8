"""Initial values: one loop over the modules where all layers of a kind agree, else one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import INDENT
from resdsl.codegen.python.operations import family, initial, rank
from resdsl.codegen.python.scalars import is_learned, start_of
from resdsl.codegen.python.target import FileUses
from resdsl.diagnostics import error
from resdsl.ops import Constant, Initializer, Normal, Uniform, VarianceScaling
from resdsl.ops.initializers import TORCH_DEFAULT
from resdsl.records import dataclass, field

#: Layers whose weights one loop may fill, by kind and, where there are several, by rank.
_CLASSES = {
    "conv": "nn.Conv{rank}d",
    "conv_transpose": "nn.ConvTranspose{rank}d",
    "linear": "nn.Linear",
}
_STARTS: dict[str, dict[str, Initializer]] = {
    "conv": {"weight": TORCH_DEFAULT, "bias": TORCH_DEFAULT},
    "conv_transpose": {"weight": TORCH_DEFAULT, "bias": TORCH_DEFAULT},
    "linear": {"weight": TORCH_DEFAULT, "bias": TORCH_DEFAULT},
    "batch_norm": {"weight": Constant(1.0), "bias": Constant(0.0)},
    "group_norm": {"weight": Constant(1.0), "bias": Constant(0.0)},
    "layer_norm": {"weight": Constant(1.0), "bias": Constant(0.0)},
    "channel_conv": {"weight": TORCH_DEFAULT},
}


@dataclass(frozen=True, slots=True)
class Fill:
    """A function of `torch.nn.init` (or of the prelude) with its arguments after the tensor."""

    function: str
    arguments: tuple[tuple[str, str], ...] = ()
    helpers: frozenset[str] = field(default_factory=frozenset)

    def call(self, tensor: str) -> str:
        """The statement that fills `tensor`."""
        return f"{self.function}({', '.join([tensor, *self._named()])})"

    def as_partial(self) -> str:
        """The function with its arguments given."""
        if not self.arguments:
            return self.function
        return f"partial({', '.join([self.function, *self._named()])})"

    def _named(self) -> list[str]:
        return [f"{name}={value}" for name, value in self.arguments]


def fill_for(initializer: Initializer) -> Fill:
    """How PyTorch draws from a distribution."""
    match initializer:
        case Constant(value=0.0):
            return Fill("nn.init.zeros_")
        case Constant(value=1.0):
            return Fill("nn.init.ones_")
        case Constant(value=value):
            return Fill("nn.init.constant_", _given(val=value))
        case Normal(std=std, mean=mean, truncated=False):
            return Fill("nn.init.normal_", _given(mean=mean, std=std)[not mean :])
        case Normal(std=std, mean=mean):
            bounds = _given(mean=mean, std=std, a=mean - 2 * std, b=mean + 2 * std)
            return Fill("nn.init.trunc_normal_", bounds)
        case Uniform(low=low, high=high):
            return Fill("nn.init.uniform_", _given(a=low, b=high))
        case VarianceScaling():
            return _scaled(initializer)
    raise error("R0502", f"the torch backend has no rule for {initializer!r}")


def _given(**arguments: float) -> tuple[tuple[str, str], ...]:
    return tuple((name, repr(value)) for name, value in arguments.items())


def _scaled(initializer: VarianceScaling) -> Fill:
    scale, fan, distribution = initializer.scale, initializer.fan, initializer.distribution
    if not initializer.truncated and scale == 2.0 and fan != "average":
        mode = (("mode", '"fan_out"'),) if fan == "out" else ()
        return Fill(f"nn.init.kaiming_{distribution}_", (*mode, ("nonlinearity", '"relu"')))
    if not initializer.truncated and fan == "average":
        gain = () if scale == 1.0 else _given(gain=math.sqrt(scale))
        return Fill(f"nn.init.xavier_{distribution}_", gain)
    truncated = (("truncated", "True"),) if initializer.truncated else ()
    named = (*_given(scale=scale), ("fan", f'"{fan}"'), ("distribution", f'"{distribution}"'))
    return Fill("variance_scaling_", (*named, *truncated), frozenset({"variance_scaling_"}))


class InitialValues:
    """What the layers of a file start from."""

    def __init__(self, layers: Sequence[OpLayer]) -> None:
        self.by_kind: dict[str, list[dict[str, Initializer]]] = {}
        self.has_bias: dict[str, set[bool]] = {}
        self.classes: dict[str, set[str]] = {}
        for layer in layers:
            kind = family(layer.op)
            if kind in _STARTS:
                self._insist_on_fans(kind, layer.op)
                self.by_kind.setdefault(kind, []).append(_starts(layer.op))
                biases = {getattr(i.op, "bias", True) for i in layer.op.instances}
                self.has_bias.setdefault(kind, set()).update(biases)
            if kind in _CLASSES:
                name = _CLASSES[kind].format(rank=rank(layer.op))
                self.classes.setdefault(kind, set()).add(name)

    def own(self, op: SymbolicOp) -> list[tuple[str, Fill]]:
        """The fills that a layer needs right where it is made."""
        if op.kind.bare_weight:
            start = start_of(op) if is_learned(op) else None
            return [("", fill_for(start))] if isinstance(start, Initializer) else []
        kind = family(op)
        if kind not in _STARTS or self._agreed(kind) is not None:
            return []
        return [
            (name, fill_for(value))
            for name, value in _starts(op).items()
            if value != _STARTS[kind][name] and self._exists(op, name)
        ]

    def _insist_on_fans(self, kind: str, op: SymbolicOp) -> None:
        """Raise for a vector that its layer's fans scale, which PyTorch's functions do not know."""
        for name, value in _starts(op).items():
            is_vector = name == "bias" or kind.endswith("_norm")
            scaled = isinstance(value, VarianceScaling) and value != _STARTS[kind][name]
            if is_vector and scaled and self._exists(op, name):
                raise error(
                    "R0503",
                    f"source code for PyTorch cannot scale the {name} of `{op.kind.name}` by its "
                    "layer's fans: `torch.nn.init` takes them from the array itself",
                    op.span,
                    help="give it a fixed spread: `normal(0.01)`",
                )

    def _exists(self, op: SymbolicOp, name: str) -> bool:
        return all(
            any(w.name == name for w in i.op.weights(i.inputs[0]))
            for i in op.instances
            if i.op is not None
        )

    def _agreed(self, kind: str) -> dict[str, Initializer] | None:
        starts = self.by_kind.get(kind, [])
        if kind not in _CLASSES or not starts or any(s != starts[0] for s in starts):
            return None
        return starts[0]

    def loop(self, uses: FileUses) -> list[str]:
        """One loop over all modules, for the kinds whose layers agree."""
        lines: list[str] = []
        for kind in _CLASSES:
            agreed = self._agreed(kind) or {}
            body = []
            for name, value in agreed.items():
                if value == _STARTS[kind][name] or (
                    name == "bias" and True not in self.has_bias[kind]
                ):
                    continue
                fill = fill_for(value)
                uses.helpers |= fill.helpers
                given = [fill.call(f"module.{name}")]
                if name == "bias" and (may_lack_bias(kind) or False in self.has_bias[kind]):
                    given = where_given("module.bias", given[0])
                body += [INDENT + line for line in given]
            if body:
                classes = " | ".join(sorted(self.classes[kind]))
                lines += [f"if isinstance(module, {classes}):", *body]
        return ["for module in self.modules():", *(INDENT + s for s in lines)] if lines else []


def may_lack_bias(kind: str) -> bool:
    """Whether PyTorch's type of the layer allows for no bias, whatever this network has."""
    return kind != "linear" and kind in _CLASSES


def where_given(bias: str, fill: str) -> list[str]:
    """The statement that fills a bias which, to a type checker, may be `None`."""
    return [f"if {bias} is not None:", INDENT + fill]


def _starts(op: SymbolicOp) -> dict[str, Initializer]:
    """The start of each weight: that of `bias` has an attribute of its own."""
    names = _STARTS[family(op)]
    return {n: initial(op, "bias_init" if n == "bias" else "init") for n in names}
